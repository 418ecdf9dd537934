/** What leaving out a part of a condition in a routine changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.edit(p_note uuid, p_user uuid) RETURNS text LANGUAGE plpgsql AS $$
      BEGIN
        IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) THEN RAISE EXCEPTION 'no'; END IF;
        IF p_user IS NULL OR p_note IS NULL THEN p_user := auth.uid(); END IF;
        UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user;
        DELETE FROM public.notes WHERE owner_id = p_user;
        CASE WHEN p_user = auth.uid() THEN RETURN 'mine'; WHEN p_note IS NULL THEN RETURN 'none'; END CASE;
      END $$;
      CREATE FUNCTION public.may(p_user uuid) RETURNS text LANGUAGE sql AS $$
        SELECT CASE WHEN p_user IS NULL OR auth.uid() IS NULL THEN 'Sign in first' WHEN p_user = auth.uid() THEN 'yes' ELSE 'no' END
      $$;`,
    mutants: {
      'routine-condition-part-dropped function public.edit(uuid,uuid): IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL)':
        [
          'routines/public.edit(uuid,uuid)/body - IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) THEN',
          'routines/public.edit(uuid,uuid)/body + IF p_user <> auth.uid() AND p_user IS NOT NULL THEN',
        ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) 2':
        [
          'routines/public.edit(uuid,uuid)/body - IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) THEN',
          'routines/public.edit(uuid,uuid)/body + IF auth.uid() IS NULL THEN',
        ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) 3':
        [
          'routines/public.edit(uuid,uuid)/body - IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) THEN',
          'routines/public.edit(uuid,uuid)/body + IF auth.uid() IS NULL OR p_user IS NOT NULL THEN',
        ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) 4':
        [
          'routines/public.edit(uuid,uuid)/body - IF auth.uid() IS NULL OR (p_user <> auth.uid() AND p_user IS NOT NULL) THEN',
          'routines/public.edit(uuid,uuid)/body + IF auth.uid() IS NULL OR p_user <> auth.uid() THEN',
        ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): WHERE id = p_note AND owner_id = p_user': [
        "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user;",
        "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE owner_id = p_user;",
      ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): WHERE id = p_note AND owner_id = p_user 2': [
        "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user;",
        "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note;",
      ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): WHERE owner_id = p_user': [
        'routines/public.edit(uuid,uuid)/body - DELETE FROM public.notes WHERE owner_id = p_user;',
        'routines/public.edit(uuid,uuid)/body + DELETE FROM public.notes;',
      ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): WHEN p_user = auth.uid()': [
        'routines/public.edit(uuid,uuid)/body - WHEN p_user = auth.uid() THEN',
        "routines/public.edit(uuid,uuid)/body - RETURN 'mine';",
      ],
      'routine-condition-part-dropped function public.edit(uuid,uuid): WHEN p_note IS NULL': [
        'routines/public.edit(uuid,uuid)/body - WHEN p_note IS NULL THEN',
        "routines/public.edit(uuid,uuid)/body - RETURN 'none';",
      ],
      'routine-condition-part-dropped function public.may(uuid): WHEN p_user IS NULL OR auth.uid() IS NULL': [
        'routines/public.may(uuid)/body - WHEN p_user IS NULL',
        "routines/public.may(uuid)/body - OR auth.uid() IS NULL THEN 'Sign in first'",
        "routines/public.may(uuid)/body + WHEN auth.uid() IS NULL THEN 'Sign in first'",
      ],
      'routine-condition-part-dropped function public.may(uuid): WHEN p_user IS NULL OR auth.uid() IS NULL 2': [
        'routines/public.may(uuid)/body - WHEN p_user IS NULL',
        "routines/public.may(uuid)/body - OR auth.uid() IS NULL THEN 'Sign in first'",
        "routines/public.may(uuid)/body + WHEN p_user IS NULL THEN 'Sign in first'",
      ],
      'routine-condition-part-dropped function public.may(uuid): WHEN p_user IS NULL OR auth.uid() IS NULL 3': [
        'routines/public.may(uuid)/body - WHEN p_user IS NULL',
        "routines/public.may(uuid)/body - OR auth.uid() IS NULL THEN 'Sign in first'",
      ],
      'routine-condition-part-dropped function public.may(uuid): WHEN p_user = auth.uid()': [
        "routines/public.may(uuid)/body - WHEN p_user = auth.uid() THEN 'yes'",
      ],
    },
  },
];
