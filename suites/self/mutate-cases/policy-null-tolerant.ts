/** What comparisons that take NULL for a value change: only = and <>, in subqueries too. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const own = 'relations/public.notes/policies/own';
const rest = "(body = ANY (ARRAY['a'::text, 'b'::text])) OR (length(body) < 3)";

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE TABLE public.members (user_id uuid);
      CREATE POLICY own ON public.notes
        USING (owner_id = auth.uid() OR body <> 'x' OR body IN ('a', 'b') OR length(body) < 3)
        WITH CHECK (EXISTS (SELECT 1 FROM public.members m WHERE m.user_id = owner_id));`,
    mutants: {
      'policy-null-tolerant policy public.notes "own" USING 1': [
        `${own}/using → ((NOT (owner_id IS DISTINCT FROM auth.uid())) OR (body <> 'x'::text) OR ${rest})`,
      ],
      'policy-null-tolerant policy public.notes "own" USING 2': [
        `${own}/using → ((owner_id = auth.uid()) OR (body IS DISTINCT FROM 'x'::text) OR ${rest})`,
      ],
      'policy-null-tolerant policy public.notes "own" WITH CHECK 1': [
        `${own}/withCheck → (EXISTS ( SELECT 1\n   FROM public.members m\n  WHERE (NOT (m.user_id IS DISTINCT FROM notes.owner_id))))`,
      ],
    },
  },
];
