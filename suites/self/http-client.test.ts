/** Requests as they leave a client of a persona, and replies as observations. */

import { decodeJwt, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { anon, claiming, noSub, service, signedIn, tenant } from '../../fixtures/act/personas.ts';
import { asker } from '../../fixtures/http/ask.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';

const A = '11111111-1111-4111-8111-111111111111';

interface Reply {
  readonly status?: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

const key = new TextEncoder().encode('a key of thirty-two bytes or more, at last');
const sign = (claims: Readonly<Record<string, unknown>>) =>
  new SignJWT({ ...claims }).setProtectedHeader({ alg: 'HS256' }).sign(key);

/** A door that writes down each request and gives the replies in turn. */
function doorOf(...replies: readonly Reply[]) {
  const heard: Request[] = [];
  let reloads = 0;
  const door = {
    kind: 'gateway',
    url: 'http://door.invalid',
    fetch: async (input: string | URL | Request, init?: RequestInit) => {
      heard.push(new Request(input, init));
      const { status = 200, body = null, headers = {} } = replies[heard.length - 1] ?? {};
      const empty = status === 204 || body === null;
      return new Response(empty ? null : JSON.stringify(body), { status, headers });
    },
    sign,
    reload: async () => {
      reloads += 1;
    },
  };
  const ask = asker(door, { catalog: { relations: [], routines: [] } satisfies Partial<Catalog>, schemas: ['public'] });
  const observe = async (probe: Probe) => {
    const asked = await ask(probe);
    if (asked.state === 'no words') throw new Error(asked.reason);
    return asked.observation;
  };
  return { heard, observe, ask, reloads: () => reloads };
}

const sayOf = (request: Request | undefined) => `${request?.method} ${decodeURIComponent(request?.url ?? '')}`;
const rest = 'http://door.invalid/rest/v1';

describe('a request', () => {
  test.each([
    [
      'SELECT a FROM t WHERE b = 1 ORDER BY a DESC LIMIT 2',
      `GET ${rest}/t?select=a&b=eq.1&order=a.desc.nullsfirst&offset=0&limit=2`,
    ],
    ['SELECT count(*) FROM t', `GET ${rest}/t?select=*&limit=0`],
    ["SELECT public.f(a => 'x')", `POST ${rest}/rpc/f`],
    ['INSERT INTO t (a) VALUES (1)', `POST ${rest}/t?columns="a"`],
    ['INSERT INTO t (a) VALUES (1) RETURNING *', `POST ${rest}/t?columns="a"&select=*`],
    ['UPDATE t SET a = 1 WHERE b IS NULL OR c = 2', `PATCH ${rest}/t?or=(b.is.null,c.eq."2")`],
    ['DELETE FROM t', `DELETE ${rest}/t`],
  ])('%s', async (sql, line) => {
    const { observe, heard } = doorOf({ headers: { 'content-range': '*/0' } });
    await observe({ persona: anon(), sql });
    expect(heard.map(sayOf)).toEqual([line]);
  });

  test('of each persona carries its own token, with exactly the claims that it has on the wire', async () => {
    const personas = [signedIn(A), anon(), noSub(), service()];
    const { observe, heard } = doorOf();
    for (const persona of personas) await observe({ persona, sql: 'SELECT public.f()' });
    const tokens = heard.map(({ headers }) => headers.get('authorization')?.replace('Bearer ', '') ?? '');
    expect(tokens.map(decodeJwt)).toEqual(personas.map(({ settings }) => JSON.parse(settings[0]?.value ?? '')));
    const keys = heard.map(({ headers }) => decodeJwt(headers.get('apikey') ?? ''));
    expect(keys).toEqual(personas.map(() => ({ role: 'anon' })));
  });

  test.each<[string, Partial<Probe> & { persona: Persona }]>([
    ['several statements in one transaction', { persona: anon(), first: ['SELECT 1'] }],
    ['another caller in the same transaction', { persona: anon(), given: ['SELECT 1'] }],
    ['a setting that no request can set', { persona: tenant('app', 'app.tenant', 'a') }],
    ['a login of its own', { persona: { ...anon(), login: 'app' } }],
    ['a role other than its token says', { persona: claiming(anon(), () => ({ role: 'service_role' })) }],
  ])('is not made for %s', async (reason, probe) => {
    const { ask, heard } = doorOf();
    expect(await ask({ sql: 'SELECT public.f()', ...probe })).toMatchObject({ state: 'no words', reason });
    expect(heard).toEqual([]);
  });

  test('is made a second time, with the schema read again, where the door does not know a name', async () => {
    const unknown = { status: 404, body: { code: 'PGRST202', message: 'no', details: null, hint: null } };
    const { observe, heard, reloads } = doorOf(unknown, { body: 5 });
    expect((await observe({ persona: anon(), sql: 'SELECT public.f()' })).rows).toEqual([['5']]);
    expect([heard.length, reloads()]).toEqual([2, 1]);
  });

  test('that the door does not speak is no observation', async () => {
    const { ask } = doorOf({ status: 501, body: { code: 'X', message: 'no', details: null, hint: null } });
    const asked = await ask({ persona: anon(), sql: 'SELECT public.f()' });
    expect(asked).toEqual({ state: 'no words', reason: 'a request that the gateway does not speak', final: false });
  });

  test('that nobody answers is an error, which shows neither token nor claims', async () => {
    const failing = { ...doorlike, fetch: () => Promise.reject(new TypeError('fetch failed')) };
    const ask = asker(failing, { catalog: { relations: [], routines: [] }, schemas: ['public'] });
    const error: unknown = await ask({ persona: signedIn(A), sql: 'SELECT public.f()' }).catch(
      (thrown: unknown) => thrown,
    );
    expect(error).toMatchObject({ message: 'the front door did not answer' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/eyJ|authenticated/);
  });
});

const doorlike = {
  kind: 'gateway',
  url: 'http://door.invalid',
  sign,
  reload: async () => undefined,
};

describe('an observation', () => {
  const seen = (sql: string, reply: Reply) => doorOf(reply).observe({ persona: anon(), sql });

  test('of rows holds them as the wire does', async () => {
    const body = [
      { a: 1, b: true, c: { d: [1, null] } },
      { a: null, b: false, c: null },
    ];
    expect(await seen('SELECT * FROM t', { body })).toMatchObject({
      columns: ['a', 'b', 'c'],
      rows: [
        ['1', 't', '{"d": [1, null]}'],
        [null, 'f', null],
      ],
      count: 2,
      command: 'SELECT',
      error: null,
      http: { door: 'gateway', status: 200, code: null },
    });
  });

  test('of a call is its value under the name that was asked for', async () => {
    expect(await seen('SELECT public.f() AS reply', { body: { a: 1 } })).toMatchObject({
      columns: ['reply'],
      rows: [['{"a": 1}']],
      count: 1,
    });
    expect(await seen('SELECT to_jsonb(public.f()) AS reply', { body: 'x' })).toMatchObject({ rows: [['"x"']] });
    expect(await seen('SELECT 1 FROM t WHERE a = 1', { body: [{ a: 1 }] })).toMatchObject({
      columns: ['?column?'],
      rows: [['1']],
    });
  });

  test('of a write counts the rows that the door counted', async () => {
    const headers = { 'content-range': '*/3' };
    expect(await seen('DELETE FROM t', { status: 204, headers })).toMatchObject({
      count: 3,
      rows: [],
      command: 'DELETE',
    });
    expect(await seen('DELETE FROM t RETURNING 1', { status: 204, headers })).toMatchObject({
      rows: [['1'], ['1'], ['1']],
    });
    expect(await seen('SELECT count(*) FROM t', { body: [], headers })).toMatchObject({
      columns: ['count'],
      rows: [['3']],
      count: 1,
    });
  });

  test.each([
    ['42501', '42501', 401],
    ['P0001', 'P0001', 400],
    ['PGRST202', '42883', 404],
    ['PGRST205', '42P01', 404],
    ['PGRST106', '3F000', 406],
  ])('of a refusal with %s has SQLSTATE %s, and its texts', async (code, sqlstate, status) => {
    const body = { code, message: 'says no', details: 'why', hint: 'what else' };
    const refusal = { status, body };
    const { observe } = doorOf(refusal, refusal);
    expect(await observe({ persona: anon(), sql: 'DELETE FROM t' })).toMatchObject({
      rows: [],
      count: null,
      command: null,
      error: { sqlstate, message: 'says no', detail: 'why', hint: 'what else', constraint: null },
      http: { status, code },
    });
  });
});
