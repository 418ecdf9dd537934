/** What switching row security off changes: of tables, of partitioned ones and of each partition that has its own. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE TABLE public.open (id int);
      CREATE TABLE public.events (region text) PARTITION BY LIST (region);
      CREATE TABLE public.events_eu PARTITION OF public.events FOR VALUES IN ('eu');
      CREATE TABLE public.events_us PARTITION OF public.events FOR VALUES IN ('us');
      ALTER TABLE public.events ENABLE ROW LEVEL SECURITY;
      ALTER TABLE public.events_eu ENABLE ROW LEVEL SECURITY;`,
    mutants: {
      'row-security-off row security on public.events': ['relations/public.events/rowSecurity → false'],
      'row-security-off row security on public.events_eu': ['relations/public.events_eu/rowSecurity → false'],
      'row-security-off row security on public.notes': ['relations/public.notes/rowSecurity → false'],
    },
  },
];
