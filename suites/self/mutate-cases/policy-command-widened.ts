/** What a policy for one command that becomes one for all changes; one for INSERT needs a USING for that. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY everything ON public.notes USING (owner_id = auth.uid());
      CREATE POLICY seen ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid());
      CREATE POLICY written ON public.notes FOR INSERT WITH CHECK (owner_id = auth.uid());
      CREATE POLICY held ON public.notes AS RESTRICTIVE FOR DELETE USING (body <> '');`,
    mutants: {
      'policy-command-widened policy public.notes "seen"': ['relations/public.notes/policies/seen/command → all'],
      'policy-command-widened policy public.notes "written"': [
        'relations/public.notes/policies/written/using → (owner_id = auth.uid())',
        'relations/public.notes/policies/written/command → all',
      ],
    },
  },
];
