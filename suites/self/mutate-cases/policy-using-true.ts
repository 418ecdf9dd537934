/** What a USING that becomes true changes; one that is true already, or is not there, is left alone. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes USING (owner_id = auth.uid()) WITH CHECK (body <> '');
      CREATE POLICY seen ON public.notes FOR SELECT USING (owner_id = auth.uid());
      CREATE POLICY all_seen ON public.notes FOR SELECT USING (true);
      CREATE POLICY written ON public.notes FOR INSERT WITH CHECK (owner_id = auth.uid());
      CREATE POLICY filed ON storage.objects FOR SELECT USING (owner_id = (auth.uid())::text);`,
    mutants: {
      'policy-using-true policy public.notes "own" USING': ['relations/public.notes/policies/own/using → true'],
      'policy-using-true policy public.notes "seen" USING': ['relations/public.notes/policies/seen/using → true'],
      'policy-using-true policy storage.objects "filed" USING': [
        'relations/storage.objects/policies/filed/using → true',
      ],
    },
  },
];
