/** Errors of the database pass whole, each with the status that PostgREST documents for it. */

import { describe, expect, test } from 'vitest';
import { fault, testRows } from './door-rows.ts';
import { doorScene } from './door-scene.ts';

const scene = doorScene();

/** SQLSTATE, and the status that it has. */
const statuses: readonly (readonly [string, number])[] = [
  ['08000', 503],
  ['09000', 500],
  ['0L000', 403],
  ['0P000', 403],
  ['21000', 500],
  ['22000', 400],
  ['22023', 400],
  ['23000', 400],
  ['23502', 400],
  ['23503', 409],
  ['23505', 409],
  ['23514', 400],
  ['23P01', 400],
  ['25000', 500],
  ['25006', 405],
  ['28000', 403],
  ['2D000', 500],
  ['38000', 500],
  ['39000', 500],
  ['3B000', 500],
  ['40001', 500],
  ['40P01', 500],
  ['42P01', 404],
  ['42P17', 500],
  ['42501', 401],
  ['42601', 400],
  ['42703', 400],
  ['42883', 404],
  ['53000', 503],
  ['53300', 503],
  ['53400', 500],
  ['54000', 500],
  ['55000', 500],
  ['55P03', 500],
  ['57014', 500],
  ['57P01', 503],
  ['58000', 500],
  ['F0000', 500],
  ['HV000', 500],
  ['P0001', 400],
  ['P0002', 500],
  ['XX000', 500],
  ['PT418', 418],
  ['PTXYZ', 500],
  ['MY001', 400],
];

test.for(statuses)('%s is answered by %i, with its message, detail and hint', async ([state, status]) => {
  const got = await scene.send('POST', '/rpc/fails', { body: { state } });
  const body = { code: state, message: 'as told', details: 'some detail', hint: 'some hint' };
  expect({ status: got.status, body: got.body }).toEqual({ status, body });
});

test('what is forbidden to a user is 403, and to nobody in particular 401 with a challenge', async () => {
  const told = { body: { state: '42501' } };
  expect((await scene.send('POST', '/rpc/fails', { as: 'ana', ...told })).status).toBe(403);
  expect((await scene.send('POST', '/rpc/fails', told)).headers.get('www-authenticate')).toBe('Bearer');
});

describe('an answer that a function writes itself', () => {
  const textOf = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  const raises = (said: unknown, about: unknown) => ({
    raw: JSON.stringify({ said: textOf(said), about: textOf(about) }),
  });
  const said = { code: '123', message: 'Payment required', details: 'Quota', hint: 'Pay' };
  testRows(scene, [
    {
      ask: 'POST /rpc/raises',
      ...raises(said, { status: 402, headers: { 'X-Cost': '5' } }),
      status: 402,
      body: said,
      gets: { 'x-cost': '5' },
    },
    {
      ask: 'POST /rpc/raises',
      ...raises({ code: '1', message: 'm' }, { status: 409, headers: {} }),
      status: 409,
      body: { code: '1', message: 'm', details: null, hint: null },
    },
    {
      ask: 'POST /rpc/raises',
      ...raises('no json', { status: 402, headers: {} }),
      status: 500,
      body: fault('PGRST121'),
    },
    { ask: 'POST /rpc/raises', ...raises(said, 'no json'), status: 500, body: fault('PGRST121') },
    { ask: 'POST /rpc/raises', ...raises(said, { headers: {} }), status: 500, body: fault('PGRST121') },
  ]);
});

test('a connection that the server ends is told, and the next request has another', async () => {
  const { admin } = scene.database;
  await admin.query(`CREATE FUNCTION public.end_me() RETURNS bool LANGUAGE sql SECURITY DEFINER
    AS 'SELECT pg_terminate_backend(pg_backend_pid())'`);
  await scene.door.reload();
  expect(await scene.send('POST', '/rpc/end_me')).toMatchObject({ status: 503, body: { code: '57P01' } });
  expect((await scene.send('GET', '/plain?limit=1')).status).toBe(200);
});

test('a caller who gives up gets no answer', async () => {
  await scene.database.admin.query(`CREATE FUNCTION public.slow() RETURNS void LANGUAGE sql AS 'SELECT pg_sleep(0.3)'`);
  await scene.door.reload();
  const signal = AbortSignal.timeout(50);
  const call = scene.door.fetch(`${scene.door.url}/rest/v1/rpc/slow`, { method: 'POST', signal });
  await expect(call).rejects.toMatchObject({ name: 'TimeoutError' });
  expect((await scene.send('GET', '/plain?limit=1')).status).toBe(200);
});

describe('a request that is none', () => {
  testRows(scene, [
    { ask: 'GET /', status: 501, body: fault('GATEWAY501') },
    { ask: 'GET /notes/1', status: 404, body: fault('PGRST125') },
    { ask: 'GET /%ZZ', status: 404, body: fault('PGRST125') },
    { ask: 'GET /rpc/add/1', status: 404, body: fault('PGRST125') },
    { ask: 'GET /plain', headers: { 'Accept-Profile': 'inner_room' }, status: 406, body: fault('PGRST106') },
    {
      ask: 'POST /plain',
      raw: '{}',
      headers: { 'Content-Profile': 'inner_room' },
      status: 406,
      body: fault('PGRST106'),
    },
    {
      ask: 'GET /plain?limit=1',
      headers: { 'Accept-Profile': 'public' },
      status: 200,
      gets: { 'content-profile': 'public' },
    },
    { ask: 'GET /plain', headers: { Accept: 'text/csv' }, status: 501, body: fault('GATEWAY501') },
    { ask: 'OPTIONS /plain', status: 501, body: fault('GATEWAY501') },
  ]);
});

describe('where two schemas are exposed', () => {
  const wide = doorScene({ schemas: ['public', 'inner_room'] });
  const inner = { 'Accept-Profile': 'inner_room' };
  testRows(wide, [
    { ask: 'GET /safe', status: 404, body: fault('PGRST205') },
    { ask: 'GET /safe', headers: inner, status: 401, body: fault('42501') },
    {
      ask: 'POST /rpc/hidden',
      headers: { 'Content-Profile': 'inner_room' },
      status: 200,
      body: 1,
      gets: { 'content-profile': 'inner_room' },
    },
    { ask: 'GET /plain?limit=1', status: 200, gets: { 'content-profile': 'public' } },
    { ask: 'GET /plain', headers: inner, status: 404, body: fault('PGRST205') },
    { ask: 'GET /notes?select=safe(id)', as: 'ana', status: 400, body: fault('PGRST200') },
  ]);
});
