/** What comparisons that become their opposites change, in subqueries too. */

import { NOTES } from '../../plants.ts';
import type { Example } from '../mutate-operators.ts';

const own = (which: string) => `policy-comparison-flipped policy public.notes "own" ${which}`;
const using = 'relations/public.notes/policies/own/using';
const check = 'relations/public.notes/policies/own/withCheck';

const mine = '(owner_id = auth.uid())';
const listed = "(body = ANY (ARRAY['a'::text, 'b'::text]))";
const unlisted = "(body <> ALL (ARRAY['a'::text, 'b'::text]))";
const marked = "(NOT ((body ~~ 'x%'::text) AND (body IS NOT NULL)))";
const member = (one: string, other: string) =>
  `(EXISTS ( SELECT 1\n   FROM public.members m\n  WHERE ((${one}) AND (${other}))))`;
const among = '(owner_id IN ( SELECT members.user_id\n   FROM public.members))';

export const examples: readonly Example[] = [
  {
    sql: `${NOTES}
      CREATE POLICY own ON public.notes
        USING (owner_id = auth.uid() AND body IN ('a', 'b') AND NOT (body LIKE 'x%' AND body IS NOT NULL))
        WITH CHECK (owner_id IS NOT DISTINCT FROM auth.uid() AND body NOT IN ('a', 'b'));`,
    mutants: {
      [own('USING 1')]: [`${using} → ((owner_id <> auth.uid()) AND ${listed} AND ${marked})`],
      [own('USING 2')]: [`${using} → (${mine} AND ${unlisted} AND ${marked})`],
      [own('USING 3')]: [`${using} → (${mine} AND ${listed} AND (NOT ((body !~~ 'x%'::text) AND (body IS NOT NULL))))`],
      [own('USING 4')]: [`${using} → (${mine} AND ${listed} AND (NOT ((body ~~ 'x%'::text) AND (body IS NULL))))`],
      [own('WITH CHECK 1')]: [`${check} → ((NOT (NOT (owner_id IS DISTINCT FROM auth.uid()))) AND ${unlisted})`],
      [own('WITH CHECK 2')]: [`${check} → ((NOT (owner_id IS DISTINCT FROM auth.uid())) AND ${listed})`],
    },
  },
  {
    sql: `${NOTES}
      CREATE TABLE public.members (user_id uuid, since int);
      CREATE POLICY own ON public.notes FOR SELECT
        USING (EXISTS (SELECT 1 FROM public.members m WHERE m.user_id = owner_id AND m.since < 3)
          AND owner_id NOT IN (SELECT user_id FROM public.members));`,
    mutants: {
      [own('USING 1')]: [
        `${using} → ((NOT ${member('m.user_id = notes.owner_id', 'm.since < 3')}) AND (NOT ${among}))`,
      ],
      [own('USING 2')]: [`${using} → (${member('m.user_id <> notes.owner_id', 'm.since < 3')} AND (NOT ${among}))`],
      [own('USING 3')]: [`${using} → (${member('m.user_id = notes.owner_id', 'm.since >= 3')} AND (NOT ${among}))`],
      [own('USING 4')]: [
        `${using} → (${member('m.user_id = notes.owner_id', 'm.since < 3')} AND (NOT (NOT ${among})))`,
      ],
    },
  },
];
