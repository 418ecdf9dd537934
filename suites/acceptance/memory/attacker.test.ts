/** Memory chunks: what somebody who can run any SQL as app_user, as tenant A, still cannot do to B. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { idOfB, insert, openScene, projectFile, type Scene, stage1 } from './scene.ts';
import { A, B } from './tenants.ts';

let scene: Scene;
let untouched: Awaited<ReturnType<Scene['rows']>>;
beforeAll(async () => {
  scene = await openScene();
  untouched = await scene.rows();
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each([
  ['truncate the table', 'TRUNCATE public.memory_chunks'],
  ['switch row-level security off', 'ALTER TABLE public.memory_chunks DISABLE ROW LEVEL SECURITY'],
  ['add a policy', 'CREATE POLICY mine ON public.memory_chunks USING (true)'],
  ['drop a policy', 'DROP POLICY memory_chunks_select ON public.memory_chunks'],
  ['replace memory_use_tenant', 'ALTER FUNCTION public.memory_use_tenant(text) SECURITY DEFINER'],
  [
    'put a trigger on the table',
    'CREATE TRIGGER spy BEFORE INSERT ON public.memory_chunks FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
  ],
  ['put a rule on the table', 'CREATE RULE spy AS ON INSERT TO public.memory_chunks DO ALSO NOTHING'],
  ['make the table’s heir', 'CREATE TABLE pg_temp.heir () INHERITS (public.memory_chunks)'],
  ['switch triggers off', "SELECT set_config('session_replication_role', 'replica', true)"],
  ['read the statistics of the values', 'SELECT * FROM pg_statistic'],
  ['create in the schema', 'CREATE TABLE public.mine (id int)'],
  ['make a tenant the default of every later session', `ALTER ROLE app_user SET app.user_hash = '${B}'`],
  ['become the owner', 'SET LOCAL ROLE memory_owner'],
])('T-MEM-25 app_user may not %s', async (_, sql) => {
  const { error } = await scene.caller.observe(
    `SET LOCAL ROLE app_user; SELECT set_config('app.user_hash', '${A}', true); ${sql}`,
  );
  expect(error?.sqlstate).toBe('42501');
  expect(await scene.rows()).toEqual(untouched);
});

test('T-MEM-25 app_user may not point a foreign key at the table, even from a schema of its own', async () => {
  await using own = await openScene();
  await own.database.owner.query('CREATE SCHEMA lair AUTHORIZATION app_user');
  const { error } = await own.caller.observe(
    'SET LOCAL ROLE app_user; CREATE TABLE lair.probe (id uuid REFERENCES public.memory_chunks)',
  );
  expect(error?.sqlstate).toBe('42501');
});

test('T-MEM-25 with row_security off a query is refused, not unfiltered', async () => {
  const { error } = await scene.caller.observe(
    'SET LOCAL row_security = off; SET LOCAL ROLE app_user; SELECT * FROM public.memory_chunks',
  );
  expect(error?.sqlstate).toBe('42501');
});

test('T-MEM-25 a cheap function that tells what it is given is never given B’s row', async () => {
  const { notices, error } = await scene.caller.observe(`
    SET LOCAL ROLE app_user;
    CREATE FUNCTION pg_temp.tell(value text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
      AS $$ BEGIN RAISE NOTICE '%', value; RETURN true; END $$;
    SELECT set_config('app.user_hash', '${A}', true);
    SELECT * FROM public.memory_chunks WHERE pg_temp.tell(text_plain);
    DELETE FROM public.memory_chunks WHERE pg_temp.tell(text_plain);
    ROLLBACK`);
  expect(error).toBeNull();
  const told = notices.filter(({ sqlstate }) => sqlstate === '00000').map(({ message }) => message);
  expect(told).toEqual(['document of A', 'document of A']);
});

test('T-MEM-25 an expression that fails on B’s row does not fail for A', async () => {
  const { error, rows } = await scene.attempt(
    A,
    `SELECT 1 / (text_plain <> 'document of B')::int FROM public.memory_chunks`,
  );
  expect([error, rows]).toEqual([null, [['1']]]);
});

test('T-MEM-25 B’s id in an INSERT of A says that the id is taken and nothing else', async () => {
  const { error } = await scene.attempt(A, insert(idOfB, A, 'guess'));
  expect([error?.sqlstate, error?.detail]).toEqual(['23505', null]);
  expect(JSON.stringify(error)).not.toContain(B);
  const quiet = `${insert(idOfB, A, 'guess').slice(0, -1)} ON CONFLICT DO NOTHING RETURNING *`;
  expect((await scene.attempt(A, quiet)).rows).toEqual([]);
});

test('T-MEM-25 a refused write tells nothing of B’s rows', async () => {
  const { error } = await scene.attempt(A, `UPDATE public.memory_chunks SET user_hash = ${literal(B)}`);
  expect([error?.sqlstate, error?.detail, error?.hint]).toEqual(['42501', null, null]);
});

test('T-MEM-25 the statistics view shows app_user no value of the table', async () => {
  await scene.database.owner.query('ANALYZE public.memory_chunks');
  const { rows } = await scene.attempt(A, "SELECT * FROM pg_stats WHERE tablename = 'memory_chunks'");
  expect(rows).toEqual([]);
});

test('T-MEM-25 a temporary table of the same name does not turn the clean-up away from the real one', async () => {
  await using own = await openScene();
  await own.database.owner.script(insert(crypto.randomUUID(), A, 'expired', "'2020-01-01'"));
  const { replies, error } = await own.caller.observe(`
    SET LOCAL ROLE app_user;
    CREATE TEMPORARY TABLE memory_chunks AS SELECT * FROM public.memory_chunks WITH NO DATA;
    SET LOCAL search_path = pg_temp, public;
    SELECT public.memory_use_tenant('${A}');
    SELECT public.memory_purge_expired()`);
  expect([replies.at(-1)?.rows, error]).toEqual([[['1']], null]);
});

test('T-MEM-25 nobody else may call the functions', async () => {
  await using own = await openScene();
  for (const call of [`memory_use_tenant('${A}')`, 'memory_purge_expired()']) {
    const { error } = await own.caller.observe(`SELECT public.${call}`);
    expect(error?.sqlstate).toBe('42501');
  }
});

test('T-MEM-25 the head takes CREATE on the schema back where an old database gave it to everybody', async () => {
  await using old = await openScene(stage1);
  await old.database.owner.query('GRANT CREATE ON SCHEMA public TO PUBLIC');
  const create = 'CREATE TABLE public.mine (id int)';
  const answer = async () =>
    (await old.caller.observe(`SET LOCAL ROLE app_user; ${create}; ROLLBACK`)).error?.sqlstate ?? null;
  expect(await answer()).toBeNull();
  await old.database.owner.script(await projectFile('migrations/20250310090000_tenant_hardening.sql'));
  expect(await answer()).toBe('42501');
});

test('T-MEM-25 the head takes back what default privileges gave away with the table', async () => {
  await using old = await openScene(stage1);
  const truncate = 'SET LOCAL ROLE app_user; TRUNCATE public.memory_chunks; ROLLBACK';
  for (const grantee of ['PUBLIC', 'app_user']) {
    await old.database.owner.query(`GRANT ALL ON public.memory_chunks TO ${grantee}`);
  }
  expect((await old.caller.observe(truncate)).error).toBeNull();
  await old.database.owner.script(await projectFile('migrations/20250310090000_tenant_hardening.sql'));
  expect((await old.caller.observe(truncate)).error?.sqlstate).toBe('42501');
});
