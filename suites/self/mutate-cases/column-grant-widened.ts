/** What widening a grant on columns changes. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const grants = 'relations/public.notes/grants';

export const examples: readonly Example[] = [
  {
    // Columns that PUBLIC and a role hold together are all that there are, so that there is nothing to widen for it.
    sql: `${NOTES}
      REVOKE ALL ON public.notes FROM anon, authenticated;
      GRANT SELECT (id, body) ON public.notes TO PUBLIC;
      GRANT SELECT (owner_id) ON public.notes TO authenticated;
      GRANT UPDATE (body) ON public.notes TO authenticated, service_role;`,
    mutants: {
      'column-grant-widened grants on public.notes UPDATE TO authenticated': [`+ ${grants}/authenticated UPDATE`],
      'column-grant-widened grants on public.notes SELECT TO public': [`+ ${grants}/public SELECT`],
    },
  },
  {
    // What is held on the whole table as well is not narrow.
    sql: `${NOTES} GRANT SELECT (body) ON public.notes TO anon;`,
    mutants: {},
  },
];
