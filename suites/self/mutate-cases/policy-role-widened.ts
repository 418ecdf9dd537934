/** What a policy for some roles that becomes one for every role changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY "of users" ON public.notes TO authenticated, service_role USING (owner_id = auth.uid());
      CREATE POLICY everybody ON public.notes FOR SELECT USING (owner_id = auth.uid());
      CREATE POLICY held ON public.notes AS RESTRICTIVE TO authenticated USING (body <> '');`,
    mutants: {
      'policy-role-widened policy public.notes "of users"': [
        'relations/public.notes/policies/of users/roles → ["public"]',
      ],
    },
  },
];
