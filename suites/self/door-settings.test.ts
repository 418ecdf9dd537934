/** What a function sees of its request, and whose settings hold while it runs. */

import { describe, expect, inject, test } from 'vitest';
import { type FrontDoor, openDoor } from '../../fixtures/door/door.ts';
import { configOf } from '../../fixtures/door/settings.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { fault, testRows } from './door-rows.ts';
import { ask, doorScene, type Sent } from './door-scene.ts';

const scene = doorScene();

async function setting(name: string, sent: Sent = {}, suffix = ''): Promise<unknown> {
  return (await scene.send('GET', `/rpc/setting?name=${name}${suffix}`, sent)).body;
}

const object = async (name: string, sent: Sent = {}): Promise<unknown> => JSON.parse(String(await setting(name, sent)));

test('method, path, headers and cookies are there', async () => {
  expect(await setting('request.method')).toBe('GET');
  expect(await setting('request.path')).toBe('/rpc/setting');
  expect(await object('request.headers', { headers: { 'X-Custom': 'Yes' } })).toMatchObject({ 'x-custom': 'Yes' });
  const cookies = { headers: { Cookie: 'a=1; b=x=y' } };
  expect(await object('request.cookies', cookies)).toEqual({ a: '1', b: 'x=y' });
  expect(await object('request.headers', cookies)).not.toHaveProperty('cookie');
});

test('quotes and JSON in a header stay text', async () => {
  const sly = `'; SET ROLE postgres; --", "role": "service_role`;
  expect(await object('request.headers', { headers: { 'X-Sly': sly } })).toMatchObject({ 'x-sly': sly });
  const got = await scene.send('POST', '/rpc/whoami', { headers: { 'X-Sly': sly, Cookie: `a=${sly}` } });
  expect(got).toMatchObject({ status: 200, body: 'anon' });
});

test('the schema of the request comes first on the path, then those that are added', async () => {
  expect(await setting('search_path')).toBe('"public", "extensions"');
});

test('a time zone is obeyed where it exists', async () => {
  const made = async (timezone: string) => {
    const headers = { Prefer: `timezone=${timezone}` };
    const got = await scene.send('GET', '/notes?id=eq.1&select=made', { as: 'ana', headers });
    return [got.text, got.headers.get('preference-applied')];
  };
  const tokyo = '[{"made":"2026-01-02T12:04:05+09:00"}]';
  expect(await made('Asia/Tokyo')).toEqual([tokyo, 'timezone=Asia/Tokyo']);
  expect(await made('Nowhere')).toEqual(['[{"made":"2026-01-02T03:04:05+00:00"}]', null]);
});

test('what one request sets is gone in the next', async () => {
  await scene.send('GET', '/notes', { as: 'ana' });
  expect(await setting('request.jwt.claims')).toBe('{"role":"anon"}');
  const all = await Promise.all(
    Array.from({ length: 40 }, async (_, at) => {
      const as = at % 2 === 0 ? 'ana' : 'anon';
      return [as, (await scene.send('POST', '/rpc/whoami', { as })).body];
    }),
  );
  expect(all.filter(([as, role]) => role !== (as === 'ana' ? 'authenticated' : 'anon'))).toEqual([]);
});

describe('a function that runs first', () => {
  const guarded = doorScene({ preRequest: 'public.gate' });
  testRows(guarded, [
    { ask: 'GET /plain?limit=1', status: 404, body: fault('42883') },
    { ask: 'POST /rpc/add', raw: '{"a": 1}', status: 404, body: fault('42883') },
  ]);

  test('may refuse the request, and sees it', async () => {
    await guarded.database.admin.query(`
      CREATE FUNCTION public.gate() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
        IF current_setting('request.path') LIKE '%add' THEN RAISE SQLSTATE 'PT429' USING MESSAGE = 'Slow down'; END IF;
      END $$`);
    expect((await guarded.send('GET', '/plain?limit=1')).status).toBe(200);
    expect(await guarded.send('POST', '/rpc/add', { body: { a: 1 } })).toMatchObject({
      status: 429,
      body: { code: 'PT429' },
    });
  });
});

describe('a role with settings of its own', () => {
  test('has them while it runs', async () => {
    const { admin } = scene.database;
    const before = await admin.query("SELECT rolconfig FROM pg_roles WHERE rolname = 'anon'");
    expect(await setting('statement_timeout')).toBe(timeoutIn(before.rows[0]?.['rolconfig']));
  });

  test('a function that says how long it may take is held to it', async () => {
    await scene.database.admin.script(`
      CREATE FUNCTION public.slow() RETURNS void LANGUAGE sql SET statement_timeout = '40ms' AS 'SELECT pg_sleep(20)'`);
    await scene.door.reload();
    expect(await scene.send('POST', '/rpc/slow')).toMatchObject({ status: 500, body: { code: '57014' } });
  });
});

/** What the role's settings say, or the server's default. */
function timeoutIn(config: unknown): string {
  const said = Array.isArray(config) ? config.find((each) => String(each).startsWith('statement_timeout=')) : undefined;
  return said === undefined ? '0' : (String(said).split('=')[1] ?? '');
}

describe('a door at which a rollback may be asked for', () => {
  const undoing = doorScene({ rollbackAllowed: true });

  test('obeys, and says so', async () => {
    const rollback = { headers: { Prefer: 'tx=rollback' } };
    const got = await undoing.send('POST', '/labels', { body: { id: 77, word: 'gone' }, ...rollback });
    expect([got.status, got.headers.get('preference-applied')]).toEqual([201, 'tx=rollback']);
    expect((await undoing.database.admin.query('SELECT FROM public.labels WHERE id = 77')).rows).toEqual([]);
  });

  test('shows the errors that a commit would', async () => {
    const rollback = { headers: { Prefer: 'tx=rollback' } };
    const got = await undoing.send('POST', '/later', { body: { id: 1, twin: 2 }, ...rollback });
    expect(got).toMatchObject({ status: 409, body: { code: '23503' } });
  });
});

test('settings of the login in the database stand where nothing else is said', () => {
  const own = new Map([
    ['db_schemas', 'api, public'],
    ['db_max_rows', '50'],
    ['db_aggregates_enabled', 'true'],
    ['db_pre_request', 'api.gate'],
    ['db_tx_end', 'commit-allow-override'],
    ['jwt_role_claim_key', '.app_metadata."db role"'],
  ]);
  expect(configOf({ own }, { maxRows: 7 })).toEqual({
    schemas: ['api', 'public'],
    extraSearchPath: ['public', 'extensions'],
    maxRows: 7,
    aggregates: true,
    anonRole: 'anon',
    roleClaim: '.app_metadata."db role"',
    audience: null,
    preRequest: 'api.gate',
    rollbackAllowed: true,
  });
});

test('what is set for the login in this database holds for its door', async () => {
  const { admin, name } = scene.database;
  await admin.script(`ALTER ROLE authenticator IN DATABASE ${ident(name)} SET pgrst.db_max_rows = '1'`);
  await using door = await openDoor({ access: inject('server'), database: name });
  const listed = async (through: FrontDoor) => (await ask(through, 'GET', '/notes?select=id', { as: 'service' })).body;
  expect(await listed(door)).toHaveLength(1);
  expect((await listed(scene.door)) as unknown[]).not.toHaveLength(1);
});
