/** Whom a door takes a caller for: only what a valid token says, and no role beyond the platform's login. */

import { SignJWT, UnsecuredJWT } from 'jose';
import { describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { claimNamed, openSigner } from '../../fixtures/door/token.ts';
import { perform } from '../../fixtures/door/transaction.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { ANA, doorScene } from './door-scene.ts';

const scene = doorScene();
const user = { role: 'authenticated', sub: ANA };
const now = () => Math.floor(Date.now() / 1000);

async function whoami(token: string) {
  const { status, body, headers } = await scene.send('POST', '/rpc/whoami', { as: { token } });
  return { status, body, challenge: headers.get('www-authenticate') };
}

const refused = (code: string, message?: string) => ({
  status: 401,
  body: { code, ...(message === undefined ? {} : { message }) },
  challenge: expect.stringContaining('Bearer error="invalid_token"'),
});

test('no token is the role for nobody, whose claims say no more', async () => {
  expect((await scene.send('POST', '/rpc/whoami')).body).toBe('anon');
  const claims = await scene.send('GET', '/rpc/setting?name=request.jwt.claims');
  expect(JSON.parse(String(claims.body))).toEqual({ role: 'anon' });
});

describe('a valid token', () => {
  test('is the role that it names, and its claims are there', async () => {
    const token = await scene.door.sign({ ...user, aud: 'authenticated', exp: now() + 60 });
    expect(await whoami(token)).toMatchObject({ status: 200, body: 'authenticated' });
    const got = await scene.send('GET', '/rpc/setting?name=request.jwt.claims', { as: { token } });
    expect(JSON.parse(String(got.body))).toMatchObject({ ...user, aud: 'authenticated' });
  });

  test('without a role is the role for nobody', async () => {
    expect(await whoami(await scene.door.sign({ sub: ANA }))).toMatchObject({ status: 200, body: 'anon' });
  });

  test('of a clock that is a little off is taken', async () => {
    const token = await scene.door.sign({ ...user, exp: now() - 10, nbf: now() + 10, iat: now() + 10 });
    expect(await whoami(token)).toMatchObject({ status: 200 });
  });

  test.for([
    ['postgres', 403, '42501'],
    ['supabase_admin', 403, '42501'],
    ['supabase_auth_admin', 403, '42501'],
    ['no_such_role', 401, '22023'],
    ['', 401, '22023'],
    ['anon\0', 400, '22021'],
  ] as const)('that names the role «%s» is answered by %i', async ([role, status, code]) => {
    expect(await whoami(await scene.door.sign({ role }))).toMatchObject({ status, body: { code } });
  });

  test('of the server is the role that passes row security', async () => {
    const got = await scene.send('GET', '/notes?select=id&order=id', { as: 'service' });
    expect(got.body).toEqual([{ id: 1 }, { id: 2 }, { id: 3 }, { id: 4 }]);
  });
});

describe('a token that is not valid', () => {
  test('expired, or not yet begun', async () => {
    expect(await whoami(await scene.door.sign({ ...user, exp: now() - 60 }))).toMatchObject(
      refused('PGRST303', 'JWT expired'),
    );
    expect(await whoami(await scene.door.sign({ ...user, nbf: now() + 60 }))).toMatchObject(
      refused('PGRST303', 'JWT not yet valid'),
    );
    expect(await whoami(await scene.door.sign({ ...user, iat: now() + 60 }))).toMatchObject(
      refused('PGRST303', 'JWT issued at future'),
    );
    expect(await whoami(await scene.door.sign({ ...user, exp: 'soon' }))).toMatchObject(refused('PGRST303'));
  });

  test('signed by another, or by nobody', async () => {
    const other = new TextEncoder().encode('another secret of thirty-two letters');
    const forged = await new SignJWT({ ...user }).setProtectedHeader({ alg: 'HS256' }).sign(other);
    expect(await whoami(forged)).toMatchObject(refused('PGRST301'));
    expect(await whoami(new UnsecuredJWT({ ...user }).encode())).toMatchObject(refused('PGRST301'));
    const [head = '', , sign = ''] = (await scene.door.sign(user)).split('.');
    const claims = Buffer.from(JSON.stringify({ role: 'service_role' })).toString('base64url');
    expect(await whoami([head, claims, sign].join('.'))).toMatchObject(refused('PGRST301'));
  });

  test('is no token at all', async () => {
    expect(await whoami('word')).toMatchObject(refused('PGRST301', 'Expected 3 parts in JWT; got 1'));
    expect(await whoami('a.b.c')).toMatchObject(refused('PGRST301'));
    expect(await whoami(`${await scene.door.sign(user)} more`)).toMatchObject(refused('PGRST301'));
    expect(await whoami('')).toMatchObject(refused('PGRST301'));
  });

  test('another scheme than Bearer is no token', async () => {
    const got = await scene.send('POST', '/rpc/whoami', { headers: { Authorization: 'Basic YTpi' } });
    expect(got).toMatchObject({ status: 200, body: 'anon' });
  });
});

test('a token that was good is refused once it has expired', async () => {
  const signer = openSigner();
  const token = await signer.sign({ ...user, exp: now() + 60 });
  expect(await signer.verify(token, null)).toMatchObject(user);
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + 120_000 });
  onTestFinished(() => void vi.useRealTimers());
  await expect(signer.verify(token, null)).rejects.toThrow('JWT expired');
});

describe('a door that asks for an audience', () => {
  const strict = doorScene({ audience: 'authenticated' });
  const status = async (claims: object) =>
    (await strict.send('POST', '/rpc/whoami', { as: { token: await strict.door.sign({ ...user, ...claims }) } }))
      .status;

  test('refuses tokens for others', async () => {
    expect(await status({ aud: 'authenticated' })).toBe(200);
    expect(await status({ aud: ['x', 'authenticated'] })).toBe(200);
    expect(await status({})).toBe(200);
    expect(await status({ aud: 'other' })).toBe(401);
    expect(await status({ aud: ['x'] })).toBe(401);
    expect(await status({ aud: 5 })).toBe(401);
  });
});

test('the role is looked for where the door is told', async () => {
  const claims = { role: 'anon', app_metadata: { 'db role': 'authenticated' } };
  expect(claimNamed(claims, '.app_metadata."db role"')).toBe('authenticated');
  expect(claimNamed(claims, '.role')).toBe('anon');
  expect(claimNamed(claims, '.none.role')).toBeUndefined();
});

describe('a door without a role for nobody', () => {
  const shut = doorScene({ anonRole: null });

  test('asks for a token', async () => {
    expect(await shut.send('POST', '/rpc/whoami')).toMatchObject({ status: 401, body: { code: 'PGRST302' } });
    expect((await shut.send('POST', '/rpc/whoami', { as: 'ana' })).body).toBe('authenticated');
  });
});

test('tokens and claims stand in no message that can fail, since a server logs those', async () => {
  const { door, database } = scene;
  const access = inject('server');
  const session = await openSession(access, { database: database.name, as: 'login' });
  onTestFinished(() => session.close());
  const sent: string[] = [];
  const observe = (sql: string) => {
    sent.push(sql);
    return session.observe(sql);
  };
  const heard: Session = { ...session, observe };
  const token = await door.sign(user);
  const outcome = await perform(heard, {
    ...{ readOnly: true, before: null, check: null, undone: false },
    brought: [['request.headers', token]],
    settings: [['role', 'no_such_role']],
    statements: ['SELECT 1'],
  });
  expect(outcome.error?.sqlstate).toBe('22023');
  expect(sent.map((sql) => sql.includes(token))).toEqual([true, false, false]);
  expect(sent[0]).toMatch(/^BEGIN [A-Z ]+;\nSELECT set_config\('request\.headers', '[^']+', true\)$/);
});

test('tokens and keys stand in no error', async () => {
  const token = await scene.door.sign({ ...user, exp: now() - 60 });
  const { text } = await scene.send('POST', '/rpc/whoami', { as: { token } });
  for (const part of token.split('.')) expect(text).not.toContain(part);
  expect(JSON.stringify(scene.door)).not.toMatch(/secret|key/i);
});
