/** Memory chunks on a pool of one connection: a request never has the tenant of the request before it. */

import { expect, test } from 'vitest';
import { insert, openScene, request, stage1, useTenant } from './scene.ts';
import { A, B } from './tenants.ts';

const list = 'SELECT text_plain FROM public.memory_chunks';
const rowOfA = [{ text_plain: 'document of A' }];

test('T-MEM-09 after A’s request, a request that names no tenant sees and writes nothing', async () => {
  await using scene = await openScene();
  expect(await request(scene.caller, [useTenant(A), list])).toEqual(rowOfA);
  expect(await request(scene.caller, [list])).toEqual([]);
  await expect(request(scene.caller, [insert(crypto.randomUUID(), A, 'stray')])).rejects.toMatchObject({
    code: '42501',
  });
  await scene.caller.script('ROLLBACK');
  expect(await scene.rows()).toHaveLength(2);
});

test('T-MEM-09 after A’s request, B’s request sees B’s row only', async () => {
  await using scene = await openScene();
  await request(scene.caller, [useTenant(A), list]);
  expect(await request(scene.caller, [useTenant(B), list])).toEqual([{ text_plain: 'document of B' }]);
});

test('T-MEM-09 a tenant named outside a transaction ends with its own statement', async () => {
  await using scene = await openScene();
  await scene.caller.script('SET ROLE app_user');
  await scene.caller.query(useTenant(A));
  expect((await scene.caller.query(list)).rows).toEqual([]);
});

test('T-MEM-09 a refused tenant does not leave the former one in place', async () => {
  await using scene = await openScene();
  await request(scene.caller, [useTenant(A), list]);
  await expect(request(scene.caller, [useTenant(null), list])).rejects.toMatchObject({ code: '22023' });
  await scene.caller.script('ROLLBACK');
  expect(await request(scene.caller, [list])).toEqual([]);
});

test('T-MEM-09 at stage 1 the setting outlives its request and shows A’s row to a request that names no tenant', async () => {
  await using scene = await openScene(stage1);
  await request(scene.caller, [useTenant(A), list]);
  expect(await request(scene.caller, [list])).toEqual(rowOfA);
});

// Known and documented in the head migration, not reported: what a client sets for its session is for the pool to discard.
test('T-MEM-09 a client’s own SET outlives its request until the pool discards it', async () => {
  await using scene = await openScene();
  await request(scene.caller, [`SET app.user_hash = '${A}'`, list]);
  expect(await request(scene.caller, [list])).toEqual(rowOfA);
  await scene.caller.query('DISCARD ALL');
  expect(await request(scene.caller, [list])).toEqual([]);
});

test('T-MEM-09 DISCARD ALL also takes the temporary table and the held cursor in which a client kept A’s rows', async () => {
  await using scene = await openScene();
  await request(scene.caller, [
    useTenant(A),
    `CREATE TEMPORARY TABLE kept AS ${list}`,
    `DECLARE held CURSOR WITH HOLD FOR ${list}`,
  ]);
  expect(await request(scene.caller, ['SELECT * FROM kept'])).toEqual(rowOfA);
  await scene.caller.query('DISCARD ALL');
  for (const [sql, sqlstate] of [
    ['SELECT * FROM kept', '42P01'],
    ['FETCH ALL FROM held', '34000'],
  ] as const) {
    expect((await scene.caller.observe(`SET LOCAL ROLE app_user; ${sql}`)).error?.sqlstate).toBe(sqlstate);
  }
});
