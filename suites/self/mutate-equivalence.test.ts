/** What is shown to be equivalent is, and what only looks like it is not. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import { showEquivalent } from '../../fixtures/mutate/equivalence.ts';
import { readGround } from '../../fixtures/mutate/ground.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Case, mutantOf, notes, ofTheTest, policy, shown } from './mutate-equivalent.ts';

let database: ScratchDatabase;
beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'plain');
});
afterAll(() => database[Symbol.asyncDispose]());

const argued = (one: Case) => shown(database.admin, inject('server').login.user, one);

describe('A condition of a policy', () => {
  const since = (moment: string) => `at > '${moment}'::timestamptz`;
  const dated = `${notes()} ALTER TABLE public.docs ADD COLUMN at timestamptz NOT NULL; ${policy(since('2024-02-01 00:00:00+00'))};`;

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
    [
      'asks of a moment as of an earlier one',
      dated,
      `${since('2024-02-01 00:00:00+00')} AND ${since('2024-01-01 00:00:00+00')}`,
    ],
  ])('that %s is equivalent', async (_, sql, using) => {
    expect(await argued({ sql, change: policy(using) })).toMatch(/^Shown by exhausting \d+ cases: for rp_client \(/);
  });

  test.each([
    [
      'meets a NULL in a table that inherits',
      `${notes()} CREATE TABLE public.older () INHERITS (public.docs); ALTER TABLE public.older ALTER owner DROP NOT NULL;`,
      'owner IS NOT DISTINCT FROM public.me()',
    ],
    ['meets a NULL where the column allows one', notes('owner text'), 'owner IS NOT DISTINCT FROM public.me()'],
    [
      'meets another state',
      notes().replace(/CHECK \(.*\)\)/, ''),
      "owner = public.me() AND state IN ('published', 'draft')",
    ],
    ['lets more through', notes(), 'owner = public.me() OR open'],
    ['lets less through', notes(), 'owner = public.me() AND open IS NOT NULL'],
    ['asks a volatile function', notes().replace('STABLE', 'VOLATILE'), 'owner IS NOT DISTINCT FROM public.me()'],
    [
      'asks of a day that begins when the caller says',
      dated,
      `${since('2024-02-01 00:00:00+00')} AND at > ('2024-02-01'::date)::timestamptz`,
    ],
    [
      'holds a constant that the server cannot read',
      notes(),
      "owner = public.me() AND (id > ('x'::text)::int OR id <= ('x'::text)::int)",
    ],
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

test('Asking leaves the database as it was, and no transaction open', async () => {
  const { admin } = database;
  await admin.script('CREATE TABLE public.kept (id int); ALTER TABLE public.kept ENABLE ROW LEVEL SECURITY');
  const catalog = await readCatalog(admin);
  const ground = await readGround(admin, ofTheTest(catalog), { platform: 'plain', clientRoles: [], setting: null });
  const mutant = mutantOf('ALTER TABLE public.kept DISABLE ROW LEVEL SECURITY');
  const bench = { session: admin, ground, login: inject('server').login.user };
  expect(await showEquivalent(bench, mutant)).toMatch(/^Shown by the grants/);
  expect(await showEquivalent(bench, mutantOf('ALTER TABLE public.gone DISABLE ROW LEVEL SECURITY'))).toBeNull();
  expect(await readCatalog(admin)).toEqual(catalog);
  await admin.script('DROP TABLE public.kept');
  const { rows } = await admin.query('SELECT pg_current_xact_id_if_assigned() AS open');
  expect(rows).toEqual([{ open: null }]);
});

describe('A view', () => {
  const view = (where: string, options = '') =>
    `${notes()} CREATE VIEW public.mine ${options} AS SELECT id, state FROM public.docs WHERE ${where}; GRANT SELECT ON public.mine TO rp_client;`;
  const shows = (where: string) =>
    `CREATE OR REPLACE VIEW public.mine AS SELECT id, state FROM public.docs WHERE ${where}`;
  const invoker = 'WITH (security_invoker = true)';

  test.each([
    ['a column that is never NULL', view('owner = public.me()'), shows('owner IS NOT DISTINCT FROM public.me()')],
    [
      'a condition said twice',
      view("state = 'draft' AND (open OR state = 'draft')"),
      shows("state = 'draft' AND (open OR open IS NULL OR NOT open)"),
    ],
    [
      "what the reader's row security asks as well",
      view("owner = public.me() AND state = 'draft'", invoker),
      shows("state = 'draft'").replace('AS SELECT', `${invoker} AS SELECT`),
    ],
  ])('is equivalent with another condition about %s', async (_, sql, change) => {
    expect(await argued({ sql, change })).toMatch(/^Shown by exhausting \d+ cases: the conditions of public\.mine/);
  });

  test("is not where code with its owner's rights reads it, whom row security does not bind", async () => {
    const sql = `${view("owner = public.me() AND state = 'draft'", invoker)}
      CREATE FUNCTION public.f() RETURNS bigint LANGUAGE sql SECURITY DEFINER AS 'SELECT count(*) FROM public.mine';`;
    const change = shows("state = 'draft'").replace('AS SELECT', `${invoker} AS SELECT`);
    expect(await argued({ sql, change })).toBeNull();
  });

  test.each([
    ['that lets more through', view("owner = public.me() AND state = 'draft'"), shows('owner = public.me()')],
    [
      "that its owner's row security does not ask",
      view("owner = public.me() AND state = 'draft'"),
      shows("state = 'draft'"),
    ],
    ['and another option', view('owner = public.me()', invoker), shows('public.me() = owner')],
    [
      'and another column',
      view('owner = public.me()'),
      shows('public.me() = owner').replace('id, state', 'id, state, owner'),
    ],
  ])('is not with a condition %s', async (_, sql, change) => {
    expect(await argued({ sql, change })).toBeNull();
  });
});
