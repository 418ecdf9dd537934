/** Policies that together let the same rows through are shown to be equivalent, and others are not. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Case, notes, policy, shown } from './mutate-equivalent.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
});
afterAll(() => database[Symbol.asyncDispose]());

const argued = (one: Case) => shown(database.admin, inject('server').login.user, one);

describe('Policies taken together', () => {
  const open = 'CREATE POLICY readable ON public.docs FOR SELECT TO rp_client USING (open);';

  test.each([
    [
      'a policy that another one covers',
      `${notes()} CREATE POLICY own_again ON public.docs FOR SELECT TO rp_client USING (owner = public.me() AND open);`,
      'DROP POLICY own_again ON public.docs',
      /exhausting/,
    ],
    [
      'a wider role where only one holds a grant',
      notes(),
      'ALTER POLICY own ON public.docs TO PUBLIC',
      /same policies hold/,
    ],
    [
      'a wider command where nobody may do more',
      `${notes()} REVOKE INSERT, DELETE ON public.docs FROM rp_client; ${open} DROP POLICY own ON public.docs;`,
      'DROP POLICY readable ON public.docs; CREATE POLICY readable ON public.docs TO rp_client USING (open)',
      /same policies hold/,
    ],
    [
      'a restrictive policy that says no more',
      `${notes()} CREATE POLICY never_null ON public.docs AS RESTRICTIVE USING (owner IS NOT NULL);`,
      'DROP POLICY never_null ON public.docs',
      /exhausting/,
    ],
    [
      'a policy of a table that nobody may use',
      `${notes()} REVOKE ALL ON public.docs FROM rp_client;`,
      policy('true'),
      /^Shown by the grants: nobody/,
    ],
    [
      'row security of a table that nobody may use',
      `${notes()} REVOKE ALL ON public.docs FROM rp_client;`,
      'ALTER TABLE public.docs DISABLE ROW LEVEL SECURITY',
      /^Shown by the grants: nobody/,
    ],
  ])('let the same rows through: %s', async (_, sql, change, said) => {
    expect(await argued({ sql, change })).toMatch(said);
  });

  test.each([
    [
      'a wider role where another holds a grant',
      `${notes()} GRANT SELECT ON public.docs TO rp_other;`,
      'ALTER POLICY own ON public.docs TO PUBLIC',
    ],
    [
      'a wider role where another holds a column',
      `${notes()} GRANT SELECT (id) ON public.docs TO rp_other;`,
      'ALTER POLICY own ON public.docs TO PUBLIC',
    ],
    [
      'a wider role where a login is a member of one that holds a grant',
      `${notes()} CREATE ROLE rp_staff LOGIN IN ROLE rp_other; GRANT SELECT ON public.docs TO rp_other;`,
      'ALTER POLICY own ON public.docs TO PUBLIC',
    ],
    [
      'a wider command where somebody may do it',
      `${notes()} ${open} DROP POLICY own ON public.docs;`,
      'DROP POLICY readable ON public.docs; CREATE POLICY readable ON public.docs TO rp_client USING (open)',
    ],
    [
      'a policy that covers more than the other',
      `${notes()} CREATE POLICY own_again ON public.docs FOR SELECT TO rp_client USING (open);`,
      'DROP POLICY own_again ON public.docs',
    ],
    [
      'a restrictive policy that says more',
      `${notes()} CREATE POLICY closed ON public.docs AS RESTRICTIVE USING (open IS NOT TRUE);`,
      'DROP POLICY closed ON public.docs',
    ],
    [
      'a restrictive policy made permissive',
      `${notes()} CREATE POLICY never_null ON public.docs AS RESTRICTIVE USING (owner IS NOT NULL);`,
      'DROP POLICY never_null ON public.docs; CREATE POLICY never_null ON public.docs USING (owner IS NOT NULL)',
    ],
    [
      'row security where a column may be referenced',
      `${notes()} REVOKE ALL ON public.docs FROM rp_client; GRANT REFERENCES ON public.docs TO rp_client;`,
      'ALTER TABLE public.docs DISABLE ROW LEVEL SECURITY',
    ],
  ])('do not: %s', async (_, sql, change) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});

describe('A WITH CHECK', () => {
  const written = (columns = 'state', more = '') => `${notes()} GRANT UPDATE (${columns}) ON public.docs TO rp_client;
    ALTER POLICY own ON public.docs WITH CHECK (owner = public.me());
    REVOKE INSERT ON public.docs FROM rp_client; ${more}`;
  const touching = (body: string) => `
    CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN ${body} END $f$;
    CREATE TRIGGER touch BEFORE UPDATE ON public.docs FOR EACH ROW EXECUTE FUNCTION public.touch();`;
  const change = 'ALTER POLICY own ON public.docs WITH CHECK (true)';

  test.each([
    ['asks of a column that an UPDATE cannot change', written()],
    [
      'asks by a sub-select',
      written('state', 'ALTER POLICY own ON public.docs WITH CHECK (owner = (SELECT public.me()));'),
    ],
    ['asks of a column that a trigger leaves alone', written('state', touching('NEW.open := true; RETURN NEW;'))],
  ])('that %s is covered by USING', async (_, sql) => {
    expect(await argued({ sql, change })).toMatch(/^Shown by exhausting .* passed USING, and cannot change id, owner/);
  });

  test.each([
    ['an UPDATE may change', written('state, owner')],
    ['an INSERT sets', written('state', 'GRANT INSERT ON public.docs TO rp_client;')],
    ['a trigger sets', written('state', touching("NEW.owner := 'a'; RETURN NEW;"))],
    ['a trigger returns', written('state', touching('RETURN OLD;'))],
    ['a trigger selects', written('state', touching("SELECT 'a' INTO NEW.owner; RETURN NEW;"))],
    [
      'is computed',
      written(
        'state',
        'ALTER TABLE public.docs ADD COLUMN of text GENERATED ALWAYS AS (state) STORED; ALTER POLICY own ON public.docs USING (of = public.me()) WITH CHECK (of = public.me());',
      ),
    ],
    [
      'another policy lets through USING',
      written('state', 'CREATE POLICY open ON public.docs FOR UPDATE USING (open) WITH CHECK (owner = public.me());'),
    ],
  ])('that asks of a column that %s is not', async (_, sql) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});

describe('FORCE ROW LEVEL SECURITY', () => {
  const forced = `${notes()} CREATE ROLE rp_owner; ALTER TABLE public.docs OWNER TO rp_owner; ALTER TABLE public.docs FORCE ROW LEVEL SECURITY;`;
  const change = 'ALTER TABLE public.docs NO FORCE ROW LEVEL SECURITY';

  test.each([
    ['a superuser owns the table', `${notes()} ALTER TABLE public.docs FORCE ROW LEVEL SECURITY;`],
    ['nobody can become the owner', forced],
    ['the owner bypasses row security anyhow', `${forced} ALTER ROLE rp_owner LOGIN BYPASSRLS;`],
  ])('off is equivalent where %s', async (_, sql) => {
    expect(await argued({ sql, change })).toMatch(/^Shown by the roles/);
  });

  test.each([
    ['the owner logs in', `${forced} ALTER ROLE rp_owner LOGIN;`],
    ['a login can become the owner', `${forced} CREATE ROLE rp_app LOGIN NOINHERIT IN ROLE rp_owner;`],
    ['a client is a member of the owner', `${forced} GRANT rp_owner TO rp_client;`],
    ['a login can make itself a member of any role', `${forced} CREATE ROLE rp_admin LOGIN CREATEROLE;`],
    [
      'a function runs as the owner',
      `${forced} CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.docs'; ALTER FUNCTION public.f() OWNER TO rp_owner;`,
    ],
    [
      'a view reads as the owner',
      `${forced} CREATE VIEW public.v AS SELECT * FROM public.docs; ALTER VIEW public.v OWNER TO rp_owner;`,
    ],
  ])('off is not where %s', async (_, sql) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});
