/** What dropping a policy changes. */

import { NOTES, OWN_NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES} ${OWN_NOTES}
      CREATE POLICY "kept ""apart""" ON public.notes AS RESTRICTIVE FOR SELECT TO anon, authenticated USING (length(body) < 9);`,
    mutants: {
      'policy-dropped policy public.notes "kept "apart""': ['- relations/public.notes/policies/kept "apart"'],
      'policy-dropped policy public.notes "own notes"': ['- relations/public.notes/policies/own notes'],
    },
  },
];
