/** What a clause that becomes the other one changes, where both are said and differ. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes USING (owner_id = auth.uid()) WITH CHECK (body <> '');
      CREATE POLICY same ON public.notes USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());
      CREATE POLICY seen ON public.notes FOR SELECT USING (owner_id = auth.uid());`,
    mutants: {
      'policy-clause-copied policy public.notes "own" USING': [
        "relations/public.notes/policies/own/using → (body <> ''::text)",
      ],
      'policy-clause-copied policy public.notes "own" WITH CHECK': [
        'relations/public.notes/policies/own/withCheck → (owner_id = auth.uid())',
      ],
    },
  },
];
