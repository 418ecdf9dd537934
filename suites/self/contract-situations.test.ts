/** Flows in situations that no made-up row is in: each conjunct of a policy is seen, and its loss. */

import { afterAll, expect, inject, test } from 'vitest';
import { observeAccess } from '../../fixtures/engine/access.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { projectOf } from './project-of.ts';

const SHOPS = `
CREATE TABLE public.profiles (
  id uuid PRIMARY KEY REFERENCES auth.users (id),
  role text NOT NULL DEFAULT 'buyer' CHECK (role IN ('buyer', 'seller', 'moderator')),
  banned boolean NOT NULL DEFAULT false
);
CREATE TABLE public.shops (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES public.profiles (id),
  is_published boolean NOT NULL DEFAULT false
);
CREATE TABLE public.products (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  shop_id uuid NOT NULL REFERENCES public.shops (id),
  title text NOT NULL,
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'live', 'sold')),
  deleted_at timestamptz
);
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shops ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.products ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.profiles, public.shops, public.products FROM anon, authenticated;
GRANT INSERT ON public.shops TO authenticated;
GRANT SELECT, DELETE ON public.products TO authenticated;
CREATE FUNCTION public.is_moderator() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.profiles WHERE id = auth.uid() AND role = 'moderator' AND NOT banned) $$;
CREATE FUNCTION public.is_published(shop uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.shops WHERE id = shop AND is_published) $$;
CREATE FUNCTION public.is_seller() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.profiles WHERE id = auth.uid() AND role = 'seller') $$;
REVOKE ALL ON FUNCTION public.is_moderator(), public.is_published(uuid), public.is_seller() FROM PUBLIC, anon;
CREATE POLICY shown ON public.products FOR SELECT TO authenticated
  USING (state IN ('live', 'sold') AND deleted_at IS NULL AND public.is_published(shop_id));
CREATE POLICY moderated ON public.products FOR SELECT TO authenticated USING (public.is_moderator());
CREATE POLICY removed ON public.products FOR DELETE TO authenticated USING (public.is_moderator() AND state <> 'sold');
CREATE POLICY opened ON public.shops FOR INSERT TO authenticated WITH CHECK (owner_id = auth.uid() AND public.is_seller());`;

const FLOWS = [
  'public.products  stranger[deleted_at=null,shop_id.is_published=true,state=live|sold]: select',
  'public.products  stranger[profiles.banned=false,profiles.role=moderator,state=draft|live]: delete',
  'public.products  stranger[profiles.banned=false,profiles.role=moderator]: select',
  'public.shops  owner_id[profiles.role=seller]: insert',
];

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

/** The flows of relations, after one more migration. */
const flows = async (change: string, seed = inject('seed')) => {
  const project = await projectOf({ '1_shops.sql': SHOPS, '2_change.sql': `${change}\nSELECT 1;` });
  const { changes } = await observeAccess(lab, { project, seed });
  return changes
    .flatMap(({ of, lines }) => (of === 'relation' ? lines : []))
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
