/** What leaving out one of a policy's joined conditions changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const at = 'relations/public.notes/policies/own';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes
        USING (owner_id = auth.uid() AND length(body) < 9)
        WITH CHECK (owner_id = auth.uid() OR (body <> '' AND body IS NOT NULL));`,
    mutants: {
      'policy-conjunct-dropped policy public.notes "own" USING 1': [`${at}/using → (length(body) < 9)`],
      'policy-conjunct-dropped policy public.notes "own" USING 2': [`${at}/using → (owner_id = auth.uid())`],
      'policy-conjunct-dropped policy public.notes "own" WITH CHECK 1': [
        `${at}/withCheck → ((owner_id = auth.uid()) OR (body IS NOT NULL))`,
      ],
      'policy-conjunct-dropped policy public.notes "own" WITH CHECK 2': [
        `${at}/withCheck → ((owner_id = auth.uid()) OR (body <> ''::text))`,
      ],
    },
  },
];
