/** What taking FORCE back changes, where row security is on at all. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE TABLE public.kept (id int);
      ALTER TABLE public.kept ENABLE ROW LEVEL SECURITY;
      ALTER TABLE public.kept FORCE ROW LEVEL SECURITY;
      CREATE TABLE public.open (id int);
      ALTER TABLE public.open FORCE ROW LEVEL SECURITY;`,
    mutants: {
      'row-security-force-off row security on public.kept': ['relations/public.kept/forced → false'],
    },
  },
];
