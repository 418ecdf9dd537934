/** What carelessness of NULL in a routine changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE FUNCTION public.edit(p_note uuid, p_user uuid) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note THEN RAISE EXCEPTION 'no'; END IF;
        UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT FROM left('y', 1);
      END $$;
      CREATE FUNCTION public.is_me(p_user uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT p_user = auth.uid() $$;`,
    mutants: {
      'routine-condition-null-tolerant function public.edit(uuid,uuid): IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note':
        [
          'routines/public.edit(uuid,uuid)/body - IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note THEN',
          'routines/public.edit(uuid,uuid)/body + IF p_user <> auth.uid() OR p_user = p_note THEN',
        ],
      "routine-condition-null-tolerant function public.edit(uuid,uuid): WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT…":
        [
          "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT FROM left('y', 1);",
          "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id IS NOT DISTINCT FROM p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT FROM \"left\"('y', 1);",
        ],
      "routine-condition-null-tolerant function public.edit(uuid,uuid): WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT… 2":
        [
          "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT FROM left('y', 1);",
          "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id IS NOT DISTINCT FROM p_user AND body = 'y' AND body IS NOT DISTINCT FROM \"left\"('y', 1);",
        ],
      "routine-condition-null-tolerant function public.edit(uuid,uuid): WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT… 3":
        [
          "routines/public.edit(uuid,uuid)/body - UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body IS NOT DISTINCT FROM left('y', 1);",
          "routines/public.edit(uuid,uuid)/body + UPDATE public.notes SET body = 'x' WHERE id = p_note AND owner_id = p_user AND body = 'y' AND body = \"left\"('y', 1);",
        ],
      'routine-condition-null-tolerant function public.is_me(uuid): RETURN p_user = auth.uid()': [
        'routines/public.is_me(uuid)/body - p_user = auth.uid()',
        'routines/public.is_me(uuid)/body + p_user IS NOT DISTINCT FROM auth.uid()',
      ],
    },
  },
];
