/** Memory chunks: the table's owner is subject to the policies like any caller. */

import { expect, test } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { insert, openScene } from './scene.ts';
import { A, B } from './tenants.ts';

test('T-MEM-07 memory_owner sees no row without a tenant and one tenant’s rows with it', async () => {
  await using scene = await openScene();
  const seen = async (hash: string) =>
    (await asOwner(scene.database.owner, hash, 'SELECT text_plain FROM public.memory_chunks')).rows;
  expect(await seen('')).toEqual([]);
  expect(await seen(A)).toEqual([['document of A']]);
  expect(await seen(B)).toEqual([['document of B']]);
});

test('T-MEM-07 memory_owner writes and deletes nothing of another tenant', async () => {
  await using scene = await openScene();
  const { owner } = scene.database;
  expect((await asOwner(owner, A, insert(crypto.randomUUID(), B, 'planted'))).sqlstate).toBe('42501');
  expect((await asOwner(owner, A, `UPDATE public.memory_chunks SET user_hash = ${literal(B)};`)).sqlstate).toBe(
    '42501',
  );
  expect((await asOwner(owner, A, 'DELETE FROM public.memory_chunks RETURNING text_plain')).rows).toEqual([
    ['document of A'],
  ]);
});

test('T-MEM-07 neither app_user nor its login may become memory_owner', async () => {
  await using scene = await openScene();
  const { error } = await scene.caller.observe('SET LOCAL ROLE app_user; SET LOCAL ROLE memory_owner');
  expect(error?.sqlstate).toBe('42501');
});

/** The superuser steps down to the owner for one statement and rolls back. */
async function asOwner(session: Session, hash: string, sql: string) {
  const become = `SELECT set_config('role', 'memory_owner', true), set_config('app.user_hash', ${literal(hash)}, true)`;
  const { replies, error } = await session.observe(`${become}; ${sql}; ROLLBACK`);
  return { rows: replies[1]?.rows ?? [], sqlstate: error?.sqlstate ?? null };
}
