/** Memory chunks: who sees how many rows, and what an unset or empty tenant sees and writes. */

import { expect, test } from 'vitest';
import { insert, openScene, type Scene, stage1 } from './scene.ts';
import { A, B, C } from './tenants.ts';

const orphan = '00000000-0000-4000-8000-0000000000ff';
const count = 'SELECT count(*) FROM public.memory_chunks';
const list = 'SELECT * FROM public.memory_chunks';
const nobody = [
  ['unset', null],
  ['empty', ''],
] as const;

test('T-MEM-05 A sees one row, B sees one row, C sees none', async () => {
  await using scene = await openScene();
  const seen = [await seenBy(scene, A), await seenBy(scene, B), await seenBy(scene, C)];
  expect(seen).toEqual([['document of A'], ['document of B'], []]);
});

test.each(nobody)(
  'T-MEM-05 with the tenant %s nobody’s row is seen, in a new connection and in a used one',
  async (_, hash) => {
    await using scene = await openScene();
    expect(await countFor(scene, hash)).toBe('0');
    expect(await countFor(scene, A)).toBe('1');
    expect(await countFor(scene, hash)).toBe('0');
  },
);

test('T-MEM-05 a tenant that differs from A’s in case, by a blank or by its last digit sees nothing', async () => {
  await using scene = await openScene();
  const lookalikes = [A.toUpperCase(), `${A} `, ` ${A}`, A.slice(0, -1), `${A}0`, '%', "' OR ''='"];
  for (const hash of lookalikes) {
    expect(await countFor(scene, hash), hash).toBe('0');
  }
});

test.each(nobody)('T-MEM-24 at stage 1 with the tenant %s the ownerless row is read and written', async (_, hash) => {
  await using scene = await openScene(stage1);
  expect((await scene.commit(hash, insert(orphan, '', 'ownerless'))).error).toBeNull();
  expect(await seenBy(scene, hash)).toEqual(['ownerless']);
  expect((await scene.commit(hash, 'DELETE FROM public.memory_chunks')).count).toBe(1);
});

test.each(nobody)('T-MEM-24 at the head with the tenant %s no row can be written', async (_, hash) => {
  await using scene = await openScene();
  for (const owner of ['', A]) {
    expect((await scene.commit(hash, insert(orphan, owner, 'ownerless'))).error?.sqlstate).toBe('42501');
  }
  for (const sql of ["UPDATE public.memory_chunks SET source = 'x'", 'DELETE FROM public.memory_chunks']) {
    expect((await scene.commit(hash, sql)).count).toBe(0);
  }
  expect(await scene.rows()).toHaveLength(2);
});

test('T-MEM-24 at the head the constraint refuses an empty tenant even from a superuser', async () => {
  await using scene = await openScene();
  const { error } = await scene.database.owner.observe(insert(orphan, '', 'ownerless'));
  expect([error?.sqlstate, error?.constraint]).toEqual(['23514', 'memory_chunks_user_hash_not_empty']);
});

test.each(nobody)(
  'T-MEM-24 at the head the policies refuse the tenant %s even where the constraint is gone',
  async (_, hash) => {
    await using scene = await openScene();
    await scene.database.owner.script(
      `ALTER TABLE public.memory_chunks DROP CONSTRAINT memory_chunks_user_hash_not_empty; ${insert(orphan, '', 'ownerless')}`,
    );
    expect(await seenBy(scene, hash)).toEqual([]);
    expect((await scene.attempt(hash, insert(crypto.randomUUID(), '', 'ownerless'))).error?.sqlstate).toBe('42501');
    expect((await scene.attempt(hash, "UPDATE public.memory_chunks SET source = 'x'")).count).toBe(0);
    expect((await scene.attempt(hash, 'DELETE FROM public.memory_chunks')).count).toBe(0);
    expect((await scene.attempt(A, "UPDATE public.memory_chunks SET user_hash = ''")).error?.sqlstate).toBe('42501');
  },
);

test('T-MEM-24 memory_use_tenant refuses an empty and a NULL tenant at the head, and takes both at stage 1', async () => {
  await using head = await openScene();
  await using first = await openScene(stage1);
  for (const empty of ["''", 'NULL']) {
    expect((await head.attempt(null, `SELECT public.memory_use_tenant(${empty})`)).error?.sqlstate).toBe('22023');
    expect((await first.attempt(null, `SELECT public.memory_use_tenant(${empty})`)).error).toBeNull();
  }
});

async function countFor(scene: Scene, hash: string | null): Promise<string | null | undefined> {
  return (await scene.attempt(hash, count)).rows[0]?.[0];
}

async function seenBy(scene: Scene, hash: string | null): Promise<readonly (string | null | undefined)[]> {
  const { columns, rows, error } = await scene.attempt(hash, list);
  expect(error).toBeNull();
  return rows.map((row) => row[columns.indexOf('text_plain')]);
}
