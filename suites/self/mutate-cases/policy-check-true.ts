/** What a WITH CHECK that becomes true changes: one that is said, and one that USING stands for. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes USING (owner_id = auth.uid()) WITH CHECK (body <> '');
      CREATE POLICY implied ON public.notes FOR UPDATE USING (owner_id = auth.uid());
      CREATE POLICY seen ON public.notes FOR SELECT USING (owner_id = auth.uid());
      CREATE POLICY anything ON public.notes FOR UPDATE USING (owner_id = auth.uid()) WITH CHECK (true);
      CREATE POLICY written ON public.notes FOR INSERT WITH CHECK (owner_id = auth.uid());`,
    mutants: {
      'policy-check-true policy public.notes "implied" WITH CHECK': [
        'relations/public.notes/policies/implied/withCheck → true',
      ],
      'policy-check-true policy public.notes "own" WITH CHECK': [
        'relations/public.notes/policies/own/withCheck → true',
      ],
      'policy-check-true policy public.notes "written" WITH CHECK': [
        'relations/public.notes/policies/written/withCheck → true',
      ],
    },
  },
];
