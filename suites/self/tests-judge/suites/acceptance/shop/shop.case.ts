/** Tests of the shop: the second one asserts less than its line says. */

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Database, openLab } from '../../../../../../fixtures/lab/lab.ts';

const spec = {
  project: fileURLToPath(new URL('../../../supabase/shop', import.meta.url)),
  platform: 'supabase',
} as const;
const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

describe('a client', () => {
  let shop: Database;
  beforeAll(async () => {
    shop = await lab.clone(spec);
    await shop.owner.query("INSERT INTO public.prices VALUES ('milk', 2)");
  });

  test('T-SHOP-01 no client sees a price', async () => {
    const { replies } = await shop.owner.observe('SET LOCAL ROLE authenticated; SELECT count(*) FROM public.prices');
    expect(replies.at(-1)?.rows).toEqual([['0']]);
  });
});

test('T-SHOP-02 no price is negative: any seed above 0 shows it', async () => {
  await using shop = await lab.clone(spec);
  const { error } = await shop.owner.observe(`INSERT INTO public.prices VALUES ('milk', ${-inject('seed')})`);
  expect(error?.constraint).toBe('prices_positive');
});

test('T-SHOP-03 the articles are bread', async () => {
  await using shop = await lab.clone(spec);
  expect((await shop.owner.query('SELECT article FROM public.prices')).rows).toEqual([{ article: 'bread' }]);
});

test('a price says what it is of', async () => {
  await using shop = await lab.clone(spec);
  const { rows } = await shop.owner.query("SELECT obj_description('public.prices'::regclass) AS said");
  expect(rows).toEqual([{ said: 'Prices.' }]);
});
