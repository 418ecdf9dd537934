/** What a view without security_invoker changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE VIEW public.mine WITH (security_invoker, security_barrier) AS SELECT * FROM public.notes;
      CREATE VIEW public.others AS SELECT * FROM public.notes;`,
    mutants: {
      'view-invoker-off view public.mine: security_invoker': ['relations/public.mine/securityInvoker → false'],
    },
  },
];
