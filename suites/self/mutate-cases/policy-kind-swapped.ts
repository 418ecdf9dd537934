/** What a permissive policy that becomes restrictive changes, and the reverse. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes TO authenticated USING (owner_id = auth.uid()) WITH CHECK (body <> '');
      CREATE POLICY held ON public.notes AS RESTRICTIVE FOR INSERT WITH CHECK (body <> '');`,
    mutants: {
      'policy-kind-swapped policy public.notes "held"': ['relations/public.notes/policies/held/permissive → true'],
      'policy-kind-swapped policy public.notes "own"': ['relations/public.notes/policies/own/permissive → false'],
    },
  },
];
