/** What is shown to be equivalent is, and what only looks like it is not. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Case, shown } from './mutate-equivalent.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
});
afterAll(() => database[Symbol.asyncDispose]());

const argued = (one: Case) => shown(database.admin, inject('server').login.user, one);

/** Notes of one owner each, who is named by a setting. */
const notes = (owner = 'owner text NOT NULL') => `
  CREATE ROLE rp_client; CREATE ROLE rp_other;
  CREATE FUNCTION public.me() RETURNS text LANGUAGE sql STABLE AS $$ SELECT current_setting('app.me', true) $$;
  CREATE TABLE public.docs (id int PRIMARY KEY, ${owner}, state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'published')), open boolean);
  ALTER TABLE public.docs ENABLE ROW LEVEL SECURITY;
  GRANT SELECT, INSERT, DELETE ON public.docs TO rp_client;
  CREATE POLICY own ON public.docs TO rp_client USING (owner = public.me());`;

const policy = (using: string) => `ALTER POLICY own ON public.docs USING (${using})`;

describe('A condition of a policy', () => {
  test.each([
    ['says the same of a column that is never NULL', notes(), 'owner IS NOT DISTINCT FROM public.me()'],
    ['holds a constant condition besides', notes(), 'owner = public.me() AND (1 = 1)'],
    [
      'asks of a state that a CHECK leaves no other',
      notes(),
      "owner = public.me() AND state IN ('published', 'draft')",
    ],
    ['is written in another order', notes(), 'public.me() = owner OR (open AND owner = public.me())'],
    ['asks the same in a sub-select', notes(), 'owner = (SELECT public.me())'],
  ])('that %s is equivalent', async (_, sql, using) => {
    expect(await argued({ sql, change: policy(using) })).toMatch(/^Shown by exhausting \d+ cases: for rp_client \(/);
  });

  test.each([
    ['meets a NULL where the column allows one', notes('owner text'), 'owner IS NOT DISTINCT FROM public.me()'],
    [
      'meets another state',
      notes().replace(/CHECK \(.*\)\)/, ''),
      "owner = public.me() AND state IN ('published', 'draft')",
    ],
    ['lets more through', notes(), 'owner = public.me() OR open'],
    ['lets less through', notes(), 'owner = public.me() AND open IS NOT NULL'],
    ['asks a volatile function', notes().replace('STABLE', 'VOLATILE'), 'owner IS NOT DISTINCT FROM public.me()'],
    ['asks something that may fail', notes(), 'owner = public.me() AND (state::xid IS NULL OR state::xid IS NOT NULL)'],
  ])('that %s is not', async (_, sql, using) => {
    expect(await argued({ sql, change: policy(using) })).toBeNull();
  });
});

/** Rows of `docs` hang below seats, and a seat is seen by whoever sits in it. */
const seats = `${notes()}
  CREATE TABLE public.seats (doc int NOT NULL, person text NOT NULL, role text NOT NULL);
  ALTER TABLE public.seats ENABLE ROW LEVEL SECURITY;
  GRANT SELECT ON public.seats TO rp_client;
  CREATE POLICY mine ON public.seats FOR SELECT TO rp_client USING (person = public.me());
  ALTER POLICY own ON public.docs USING (EXISTS (
    SELECT 1 FROM public.seats AS seat WHERE seat.doc = docs.id AND seat.person = public.me() AND seat.role = 'host'));`;

const sitting = (where: string) => policy(`EXISTS (SELECT 1 FROM public.seats AS seat WHERE ${where})`);
const withoutPerson = sitting("seat.doc = docs.id AND seat.role = 'host'");

describe('A condition in a sub-select', () => {
  test('that the row security of its table asks as well is equivalent', async () => {
    expect(await argued({ sql: seats, change: withoutPerson })).toMatch(
      /^Shown by exhausting \d+ cases: .* Sub-selects see only what the policies of public\.seats show the caller\.$/,
    );
  });

  test('that stands in a join is equivalent in the same way', async () => {
    const both =
      'FROM public.seats AS seat JOIN public.seats AS other ON (seat.doc = other.doc AND other.person = public.me())';
    const joined = `${seats} ${policy(`EXISTS (SELECT 1 ${both} WHERE seat.doc = docs.id)`)};`;
    const change = policy(
      `EXISTS (SELECT 1 ${both.replace(' AND other.person = public.me()', '')} WHERE seat.doc = docs.id)`,
    );
    expect(await argued({ sql: joined, change })).toMatch(/^Shown by exhausting/);
  });

  test.each([
    ['its row security does not ask', seats, sitting('seat.doc = docs.id AND seat.person = public.me()')],
    [
      'another policy there waives',
      `${seats} CREATE POLICY hosts ON public.seats TO rp_client USING (role = 'host');`,
      withoutPerson,
    ],
    [
      'nobody asks any more, since row security is off',
      `${seats} ALTER TABLE public.seats DISABLE ROW LEVEL SECURITY;`,
      withoutPerson,
    ],
    [
      'the owner of that table is not asked',
      `${seats} GRANT SELECT ON public.docs TO rp_other; ALTER ROLE rp_other LOGIN; ALTER POLICY own ON public.docs TO PUBLIC; ALTER TABLE public.seats OWNER TO rp_other;`,
      withoutPerson,
    ],
    [
      'a column without a grant kept out',
      `${seats} REVOKE SELECT ON public.seats FROM rp_client; GRANT SELECT (doc, role) ON public.seats TO rp_client;`,
      withoutPerson,
    ],
    [
      'is of an outer join',
      `${seats} ${policy('EXISTS (SELECT 1 FROM public.docs AS d LEFT JOIN public.seats AS seat ON (seat.person = public.me()) WHERE d.open)')};`,
      policy('EXISTS (SELECT 1 FROM public.docs AS d LEFT JOIN public.seats AS seat ON (true) WHERE d.open)'),
    ],
  ])('that %s is not', async (_, sql, change) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});

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
