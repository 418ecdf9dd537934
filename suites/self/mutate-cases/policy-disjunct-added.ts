/** What a condition that also holds for everybody signed in changes; where it did already, nothing is tried. */

import { NOTES, TENANTS } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes FOR UPDATE USING (owner_id = auth.uid()) WITH CHECK (true);
      CREATE POLICY signed ON public.notes FOR SELECT USING (owner_id = auth.uid() OR (SELECT auth.uid()) IS NOT NULL);
      CREATE POLICY joined ON public.notes FOR DELETE USING (owner_id = auth.uid() AND auth.uid() IS NOT NULL);`,
    mutants: {
      'policy-disjunct-added policy public.notes "joined" USING 1': [
        'relations/public.notes/policies/joined/using → (((owner_id = auth.uid()) AND (auth.uid() IS NOT NULL)) OR (auth.uid() IS NOT NULL))',
      ],
      'policy-disjunct-added policy public.notes "own" USING 1': [
        'relations/public.notes/policies/own/using → ((owner_id = auth.uid()) OR (auth.uid() IS NOT NULL))',
      ],
    },
  },
  {
    platform: 'plain',
    setting: 'app.tenant',
    sql: `${TENANTS}
      CREATE POLICY own ON public.items USING (tenant_key = current_setting('app.tenant', true));`,
    mutants: {
      'policy-disjunct-added policy public.items "own" USING 1': [
        "relations/public.items/policies/own/using → ((tenant_key = current_setting('app.tenant'::text, true)) OR (NULLIF(current_setting('app.tenant'::text, true), ''::text) IS NOT NULL))",
      ],
    },
  },
  {
    platform: 'plain',
    sql: `${TENANTS} CREATE POLICY own ON public.items USING (tenant_key = current_user);`,
    mutants: {},
    skipped: ['public.items: no setting tells who calls, so nobody is signed in'],
  },
];
