/** What a view without its check option changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE VIEW public.short AS SELECT * FROM public.notes WHERE length(body) < 9 WITH CASCADED CHECK OPTION;
      CREATE VIEW public.named AS SELECT * FROM public.notes WHERE body <> '' WITH LOCAL CHECK OPTION;
      CREATE VIEW public.others AS SELECT * FROM public.notes;`,
    mutants: {
      'view-check-option-off view public.named: check_option': ['relations/public.named/checkOption → null'],
      'view-check-option-off view public.short: check_option': ['relations/public.short/checkOption → null'],
    },
  },
];
