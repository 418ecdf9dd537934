/** Mutants of what keeps rows true: constraints, foreign keys' actions and triggers are noticed by writes made for them. */

import { afterAll, describe, expect, inject, test } from 'vitest';
import { openLab } from '../../fixtures/lab/lab.ts';
import { loadOperators } from '../../fixtures/mutate/load-operators.ts';
import { mutate } from '../../fixtures/mutate/mutate.ts';
import { projectOf } from './project-of.ts';

/** Orders are a client's own to write; stock is written by the service alone. */
const SHOP = `
CREATE EXTENSION IF NOT EXISTS btree_gist;
CREATE TABLE public.shops (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL, orders int NOT NULL DEFAULT 0);
CREATE TABLE public.orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  shop_id uuid REFERENCES public.shops (id) ON DELETE SET NULL,
  code text NOT NULL UNIQUE CHECK (char_length(code) BETWEEN 1 AND 40),
  state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paid')),
  low int NOT NULL DEFAULT 1,
  high int NOT NULL DEFAULT 2,
  updated_at timestamptz NOT NULL DEFAULT '2001-01-01',
  CONSTRAINT ordered CHECK (low < high)
);
CREATE UNIQUE INDEX one_code ON public.orders (lower(code)) WHERE state = 'open';
CREATE TABLE public.stock (
  id int PRIMARY KEY,
  shop_id uuid NOT NULL REFERENCES public.shops (id),
  shelf int NOT NULL,
  during int4range NOT NULL,
  EXCLUDE USING gist (shelf WITH =, during WITH &&)
);
CREATE TABLE public.audit (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, said text NOT NULL);
ALTER TABLE public.shops ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.stock ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.audit ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.orders TO authenticated USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());`;

const TRIGGERS = `
CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN NEW.updated_at := now(); RETURN NEW; END $$;
CREATE TRIGGER touch BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.touch();
CREATE FUNCTION public.count_orders() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN UPDATE public.shops SET orders = orders + 1 WHERE id = NEW.shop_id; RETURN NULL; END $$;
CREATE TRIGGER counted AFTER INSERT ON public.orders FOR EACH ROW EXECUTE FUNCTION public.count_orders();
CREATE FUNCTION public.audit_payment() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN INSERT INTO public.audit (said) VALUES ('paid'); RETURN NULL; END $$;
CREATE TRIGGER audited AFTER UPDATE ON public.orders FOR EACH ROW
  WHEN (NEW.state = 'paid' AND OLD.state <> 'paid') EXECUTE FUNCTION public.audit_payment();
CREATE FUNCTION public.keep_paid() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.code <> NEW.code THEN RAISE EXCEPTION 'the code stays'; END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE ON public.orders FOR EACH ROW EXECUTE FUNCTION public.keep_paid();`;

const lab = openLab(inject('server'));
afterAll(() => lab[Symbol.asyncDispose]());

const operators = await loadOperators();

/** What killed each mutant, without attacks; what survived. */
async function fatesOf(sql: string, keys: RegExp): Promise<Record<string, string>> {
  const { results, noisy } = await mutate(lab, {
    project: await projectOf({ '1.sql': sql }),
    attacks: [],
    operators,
    seed: inject('seed'),
    only: ({ key }) => keys.test(key),
  });
  expect(noisy).toEqual([]);
  return Object.fromEntries(results.map(({ key, state, killer }) => [key, killer?.said ?? state]));
}

describe('each mutant is noticed by the write that it would have stopped', () => {
  test('of constraints and keys', async () => {
    expect(
      await fatesOf(SHOP, /^(constraint|unique)-dropped constraint public\.(orders|stock) /),
    ).toMatchInlineSnapshot(`
      {
        "constraint-dropped constraint public.orders "ordered"": "stopped by ordered → done",
        "constraint-dropped constraint public.orders "orders_code_check"": "stopped by orders_code_check → done",
        "constraint-dropped constraint public.orders "orders_owner_id_fkey"": "stopped by orders_owner_id_fkey → done",
        "constraint-dropped constraint public.orders "orders_shop_id_fkey"": "stopped by orders_shop_id_fkey → done",
        "constraint-dropped constraint public.orders "orders_state_check"": "stopped by orders_state_check → done",
        "constraint-dropped constraint public.orders "owner_id NOT NULL"": "stopped by owner_id NOT NULL → done",
        "constraint-dropped constraint public.stock "stock_shelf_during_excl"": "stopped by stock_shelf_during_excl → done",
        "constraint-dropped constraint public.stock "stock_shop_id_fkey"": "stopped by stock_shop_id_fkey → done",
        "unique-dropped constraint public.orders "one_code"": "stopped by one_code → done",
        "unique-dropped constraint public.orders "orders_code_key"": "stopped by orders_code_key → stopped by one_code",
        "unique-dropped constraint public.orders "orders_pkey"": "stopped by orders_pkey → done",
        "unique-dropped constraint public.stock "stock_pkey"": "stopped by stock_pkey → done",
      }
    `);
  });

  test('of what becomes of rows when that to which they point goes', async () => {
    expect(await fatesOf(SHOP, /^fk-action-changed constraint public\.(orders|stock) /)).toMatchInlineSnapshot(`
      {
        "fk-action-changed constraint public.orders "orders_owner_id_fkey" ON DELETE": "changes auth.users gone, public.orders gone → stopped by orders_owner_id_fkey",
        "fk-action-changed constraint public.orders "orders_shop_id_fkey" ON DELETE": "changes public.orders.shop_id, public.shops gone → changes public.orders gone, public.shops gone",
        "fk-action-changed constraint public.stock "stock_shop_id_fkey" ON DELETE": "stopped by stock_shop_id_fkey → changes public.shops gone, public.stock gone",
      }
    `);
  });

  test('of triggers that keep things true', async () => {
    expect(await fatesOf(SHOP + TRIGGERS, /^trigger-disabled /)).toMatchInlineSnapshot(`
      {
        "trigger-disabled trigger public.orders "audited"": "changes new public.audit (id, said), public.orders.state, public.orders.updated_at → changes public.orders.state, public.orders.updated_at",
        "trigger-disabled trigger public.orders "counted"": "changes new public.orders (code, high, id, low, owner_id, shop_id, state, updated_at), public.shops.orders → changes new public.orders (code, high, id, low, owner_id, shop_id, state, updated_at)",
        "trigger-disabled trigger public.orders "kept"": "stopped by function keep_paid → stopped by orders_code_key",
        "trigger-disabled trigger public.orders "touch"": "changes new public.audit (id, said), public.orders.state, public.orders.updated_at → changes new public.audit (id, said), public.orders.state",
      }
    `);
  });
});
