/** What reading the claims that users write themselves changes; a text that only begins alike stays. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY staff ON public.notes
        USING (((auth.jwt() -> 'app_metadata') ->> 'role') = 'staff' AND body <> 'app_metadata of whom')
        WITH CHECK ((auth.jwt() #>> '{app_metadata,role}') = 'staff');`,
    mutants: {
      'policy-claim-swapped policy public.notes "staff" USING 1': [
        "relations/public.notes/policies/staff/using → ((((auth.jwt() -> 'user_metadata'::text) ->> 'role'::text) = 'staff'::text) AND (body <> 'app_metadata of whom'::text))",
      ],
      'policy-claim-swapped policy public.notes "staff" WITH CHECK 1': [
        "relations/public.notes/policies/staff/withCheck → ((auth.jwt() #>> '{user_metadata,role}'::text[]) = 'staff'::text)",
      ],
    },
  },
];
