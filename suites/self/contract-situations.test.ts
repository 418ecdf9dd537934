/** Flows in situations that no made-up row is in: each conjunct of a policy is seen, and its loss. */

import { afterAll, expect, inject, test } from 'vitest';
import { observeAccess } from '../../fixtures/engine/access.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { projectOf } from './project-of.ts';
import { CALLS, FOLDERS, NOTES, ORDERS, SHOPS } from './situations-projects.ts';

const FLOWS = [
  'public.products  stranger[deleted_at=null,shop_id.is_published=true,state=live|sold]: select',
  'public.products  stranger[profiles.banned=false,profiles.role=moderator,state=draft|live]: delete',
  'public.products  stranger[profiles.banned=false,profiles.role=moderator]: select',
  'public.shops  owner_id[profiles.role=seller]: insert',
];

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

const ORDER_FLOWS = [
  'public.disputes  order_id.buyer_id: insert',
  'public.orders  buyer_id: select',
  'public.orders  store_id.owner_id: select',
  'public.praise  author_id[orders.status=paid]: insert',
  'public.stores  owner_id: select',
];

/** The flows of relations, or of routines, after one more migration. */
const flows = async (
  change: string,
  seed = inject('seed'),
  base = SHOPS,
  kind: 'relation' | 'routine' = 'relation',
) => {
  const project = await projectOf({ '1_base.sql': base, '2_change.sql': `${change}\nSELECT 1;` });
  const { changes } = await observeAccess(lab, { project, seed });
  return changes
    .flatMap(({ of, lines }) => (of === kind ? lines : []))
    .flatMap((line) => (line.includes('(nobody') ? [] : [line.slice(2)]));
};

test('a flow says the states of the row, of what it hangs below and of the caller on which it rests, and no others', async () => {
  expect((await flows('')).toSorted()).toEqual(FLOWS);
  expect((await flows('', 77)).toSorted()).toEqual(FLOWS);
});

test.each([
  [
    'a word of the row',
    `ALTER POLICY shown ON public.products USING (deleted_at IS NULL AND public.is_published(shop_id))`,
    'public.products  stranger[deleted_at=null,shop_id.is_published=true]: select',
  ],
  [
    'a moment of the row',
    `ALTER POLICY shown ON public.products USING (state IN ('live', 'sold') AND public.is_published(shop_id))`,
    'public.products  stranger[shop_id.is_published=true,state=live|sold]: select',
  ],
  [
    'a truth of the parent',
    `ALTER POLICY shown ON public.products USING (state IN ('live', 'sold') AND deleted_at IS NULL)`,
    'public.products  stranger[deleted_at=null,state=live|sold]: select',
  ],
  [
    'the caller’s office',
    `ALTER POLICY opened ON public.shops WITH CHECK (owner_id = auth.uid())`,
    'public.shops  owner_id: insert',
  ],
  [
    'a state besides the caller’s office',
    `ALTER POLICY removed ON public.products USING (public.is_moderator())`,
    'public.products  stranger[profiles.banned=false,profiles.role=moderator]: delete',
  ],
])('whoever no longer asks for %s is noticed', async (_, change, flow) => {
  const seen = await flows(`${change};`);
  expect(seen.filter((one) => !FLOWS.includes(one))).toEqual([flow]);
  expect(seen).toHaveLength(FLOWS.length);
});

test('an office that nobody has opens what no row shows, and its loss is noticed', async () => {
  const lost = FLOWS.filter((one) => !one.endsWith('role=moderator]: select'));
  expect((await flows('DROP POLICY moderated ON public.products;')).filter((one) => one.endsWith(': select'))).toEqual(
    lost.filter((one) => one.endsWith(': select')),
  );
});

test('who is the buyer and the seller of every made-up order is tried as each of them alone', async () => {
  expect((await flows('', 5, ORDERS)).toSorted()).toEqual(ORDER_FLOWS);
});

test.each([
  ['the buyer', 'DROP POLICY bought ON public.orders;', ['public.orders  buyer_id: select'], []],
  ['the seller', 'DROP POLICY sold ON public.orders;', ['public.orders  store_id.owner_id: select'], []],
  [
    'who disputes',
    `ALTER POLICY disputed ON public.disputes WITH CHECK (EXISTS (SELECT 1 FROM public.orders AS o WHERE o.id = order_id));`,
    [],
    ['public.disputes  order_id.store_id.owner_id: insert'],
  ],
  [
    'what the caller has bought',
    `ALTER POLICY praised ON public.praise WITH CHECK (author_id = auth.uid());`,
    ['public.praise  author_id[orders.status=paid]: insert'],
    ['public.praise  author_id: insert'],
  ],
])('a policy that loses %s is noticed', async (_, change, gone, come) => {
  const seen = await flows(change, inject('seed'), ORDERS);
  expect(ORDER_FLOWS.filter((one) => !seen.includes(one))).toEqual(expect.arrayContaining(gone));
  expect(seen.filter((one) => !ORDER_FLOWS.includes(one))).toEqual(come);
});

test('a file in the folder of a team is its owner’s, in the bucket that the policy names', async () => {
  const shown = 'storage.objects  name.teams.owner_id[bucket_id=plans]: select';
  const lost = `ALTER POLICY plans ON storage.objects USING (public.owns_team(((storage.foldername(name))[1])::uuid));`;
  expect(await flows('', 5, FOLDERS)).toEqual([shown]);
  expect(await flows(lost, 5, FOLDERS)).toEqual(['storage.objects  name.teams.owner_id: select']);
});

test('a call says in which states of the row that it names it works', async () => {
  const held = 'public.close_offer(uuid)  authenticated[p_offer.status=held|open]';
  expect(await flows('', 5, CALLS, 'routine')).toEqual([`${held}: call`, `${held}: update (public.offers)`]);
  const less = `CREATE OR REPLACE FUNCTION public.close_offer(p_offer uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER
    SET search_path = '' AS $$
  BEGIN
    UPDATE public.offers SET status = CASE status WHEN 'closed' THEN 'open' ELSE 'closed' END
    WHERE id = p_offer AND owner_id = auth.uid();
  END $$;`;
  const freely = 'public.close_offer(uuid)  authenticated';
  expect(await flows(less, 5, CALLS, 'routine')).toEqual([`${freely}: call`, `${freely}: update (public.offers)`]);
});

test('what somebody may remove that no policy shows them any more is tried without a WHERE', async () => {
  const deletes = async (change: string) => (await flows(change, 5, NOTES)).filter((one) => one.endsWith(': delete'));
  expect(await deletes('')).toEqual(['public.notes  author_id + group_id.seats: delete']);
  const lost = 'ALTER POLICY taken ON public.notes USING (author_id = auth.uid());';
  expect(await deletes(lost)).toEqual(['public.notes  author_id: delete']);
});
