/** Memory chunks: ways of reading that keep something between statements still show each tenant its own rows. */

import { expect, test } from 'vitest';
import { openScene, request, useTenant } from './scene.ts';
import { A, B } from './tenants.ts';

const list = 'SELECT text_plain FROM public.memory_chunks';
const rowOf = (tenant: string) => [{ text_plain: `document of ${tenant}` }];

test('T-MEM-08 a prepared statement, also one with a generic plan, follows the tenant of each execution', async () => {
  await using scene = await openScene();
  await scene.caller.script(`SET plan_cache_mode = force_generic_plan; PREPARE mine AS ${list}`);
  expect(await request(scene.caller, [useTenant(A), 'EXECUTE mine'])).toEqual(rowOf('A'));
  expect(await request(scene.caller, [useTenant(B), 'EXECUTE mine'])).toEqual(rowOf('B'));
  expect(await request(scene.caller, ['EXECUTE mine'])).toEqual([]);
});

test('T-MEM-08 a prepared statement that ran under A many times before shows B only B’s row', async () => {
  await using scene = await openScene();
  await scene.caller.script(`PREPARE mine AS ${list}`);
  for (let run = 0; run < 8; run += 1) {
    await request(scene.caller, [useTenant(A), 'EXECUTE mine']);
  }
  expect(await request(scene.caller, [useTenant(B), 'EXECUTE mine'])).toEqual(rowOf('B'));
});

test('T-MEM-08 a cursor shows the tenant for whom it was opened, and is gone with its transaction', async () => {
  await using scene = await openScene();
  const declared = [useTenant(A), `DECLARE chunks CURSOR FOR ${list}`];
  expect(await request(scene.caller, [...declared, 'FETCH ALL FROM chunks'])).toEqual(rowOf('A'));
  const { error } = await scene.caller.observe('SET LOCAL ROLE app_user; FETCH ALL FROM chunks');
  expect(error?.sqlstate).toBe('34000');
});

test('T-MEM-08 a cursor of a caller without a tenant shows nothing, though A’s request came before', async () => {
  await using scene = await openScene();
  await request(scene.caller, [useTenant(A), list]);
  expect(await request(scene.caller, [`DECLARE chunks CURSOR FOR ${list}`, 'FETCH ALL FROM chunks'])).toEqual([]);
});

test.each([
  ['the table', 'COPY public.memory_chunks (text_plain) TO STDOUT', A, 1],
  ['the table without a tenant', 'COPY public.memory_chunks (text_plain) TO STDOUT', null, 0],
  ['a query', `COPY (${list}) TO STDOUT`, A, 1],
  ['a query that names the other tenant', `COPY (${list} WHERE user_hash = '${B}') TO STDOUT`, A, 0],
])('T-MEM-08 COPY TO of %s sends the caller’s own rows only', async (_, sql, tenant, sent) => {
  await using scene = await openScene();
  const { count, error } = await scene.attempt(tenant, sql);
  expect([count, error]).toEqual([sent, null]);
});

test('T-MEM-08 COPY FROM is refused to app_user: it would pass the policies by', async () => {
  await using scene = await openScene();
  const { error } = await scene.attempt(A, 'COPY public.memory_chunks FROM STDIN');
  expect(error?.sqlstate).toBe('0A000');
});

test('T-MEM-08 a transaction that rolls back takes its tenant with it', async () => {
  await using scene = await openScene();
  await scene.caller.script(`BEGIN; SET LOCAL ROLE app_user; ${useTenant(A)}; ROLLBACK`);
  expect(await request(scene.caller, [list])).toEqual([]);
});

test('T-MEM-08 a savepoint that rolls back gives the former tenant back, and an unnamed one stays unnamed', async () => {
  await using scene = await openScene();
  const toB = ['SAVEPOINT s', useTenant(B), 'ROLLBACK TO SAVEPOINT s', list];
  expect(await request(scene.caller, [useTenant(A), ...toB])).toEqual(rowOf('A'));
  expect(await request(scene.caller, toB)).toEqual([]);
});
