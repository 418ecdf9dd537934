/** What carelessness of NULL in a routine changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    // What is compared with a constant or with a column that is NOT NULL answers as before.
    sql: `${NOTES}
      ALTER TABLE public.notes ADD reader uuid;
      CREATE FUNCTION public.edit(p_note uuid, p_user uuid, p_kind text) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN
        IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind IS DISTINCT FROM 'plain' THEN RAISE EXCEPTION 'no'; END IF;
        UPDATE public.notes n SET body = 'x'
        WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reader IS NOT DISTINCT FROM NULL AND n.id IS NOT DISTINCT FROM p_note;
      END $$;
      CREATE FUNCTION public.is_me(p_user uuid) RETURNS boolean LANGUAGE sql AS $$ SELECT p_user = auth.uid() $$;`,
    mutants: {
      'routine-condition-null-tolerant function public.edit(uuid,uuid,text): IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind IS DISTINCT …':
        [
          "routines/public.edit(uuid,uuid,text)/body - IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind IS DISTINCT FROM 'plain' THEN",
          "routines/public.edit(uuid,uuid,text)/body + IF p_user <> auth.uid() OR p_user = p_note OR p_kind IS DISTINCT FROM 'plain' THEN",
        ],
      'routine-condition-null-tolerant function public.edit(uuid,uuid,text): IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind IS DISTINCT … 2':
        [
          "routines/public.edit(uuid,uuid,text)/body - IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind IS DISTINCT FROM 'plain' THEN",
          "routines/public.edit(uuid,uuid,text)/body + IF p_user IS DISTINCT FROM auth.uid() OR p_user = p_note OR p_kind <> 'plain' THEN",
        ],
      "routine-condition-null-tolerant function public.edit(uuid,uuid,text): WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reade…":
        [
          "routines/public.edit(uuid,uuid,text)/body - UPDATE public.notes n SET body = 'x'",
          "routines/public.edit(uuid,uuid,text)/body - WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reader IS NOT DISTINCT FROM NULL AND n.id IS NOT DISTINCT FROM p_note;",
          "routines/public.edit(uuid,uuid,text)/body + UPDATE public.notes AS n SET body = 'x' WHERE n.id = p_note AND reader IS NOT DISTINCT FROM p_user AND body IS DISTINCT FROM 'y' AND reader IS NOT DISTINCT FROM NULL AND n.id IS NOT DISTINCT FROM p_note;",
        ],
      "routine-condition-null-tolerant function public.edit(uuid,uuid,text): WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reade… 2":
        [
          "routines/public.edit(uuid,uuid,text)/body - UPDATE public.notes n SET body = 'x'",
          "routines/public.edit(uuid,uuid,text)/body - WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reader IS NOT DISTINCT FROM NULL AND n.id IS NOT DISTINCT FROM p_note;",
          "routines/public.edit(uuid,uuid,text)/body + UPDATE public.notes AS n SET body = 'x' WHERE n.id = p_note AND reader = p_user AND body IS DISTINCT FROM 'y' AND reader = NULL AND n.id IS NOT DISTINCT FROM p_note;",
        ],
      'routine-condition-null-tolerant function public.is_me(uuid): RETURN p_user = auth.uid()': [
        'routines/public.is_me(uuid)/body - p_user = auth.uid()',
        'routines/public.is_me(uuid)/body + p_user IS NOT DISTINCT FROM auth.uid()',
      ],
    },
  },
];
