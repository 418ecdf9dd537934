/** Memory chunks: the TTL clean-up removes exactly a tenant's rows past expires_at. */

import { expect, test } from 'vitest';
import { insert, openScene, request, useTenant } from './scene.ts';
import { A, B } from './tenants.ts';

const purge = 'SELECT public.memory_purge_expired() AS purged';

test('T-MEM-10 A’s expired rows go; A’s later and unlimited rows and B’s expired row stay', async () => {
  await using scene = await openScene();
  await scene.database.owner.script(expiring());
  expect(await request(scene.caller, [useTenant(A), purge])).toEqual([{ purged: '2' }]);
  const left = (await scene.rows()).map(({ text_plain }) => text_plain).sort();
  expect(left).toEqual(['document of A', 'document of B', 'expired of B', 'later of A']);
});

test('T-MEM-10 a row that expires at this very moment is not past it, one microsecond earlier is', async () => {
  await using scene = await openScene();
  const rows = await request(scene.caller, [
    useTenant(A),
    insert(crypto.randomUUID(), A, 'now', 'localtimestamp'),
    insert(crypto.randomUUID(), A, 'just past', "localtimestamp - interval '1 microsecond'"),
    purge,
    'SELECT text_plain FROM public.memory_chunks WHERE expires_at IS NOT NULL',
  ]);
  expect(rows).toEqual([{ text_plain: 'now' }]);
});

test('T-MEM-10 as of an earlier moment only what had expired by then goes, as of NULL nothing', async () => {
  await using scene = await openScene();
  await scene.database.owner.script(expiring());
  const asOf = (moment: string) => `SELECT public.memory_purge_expired(${moment}) AS purged`;
  expect(await request(scene.caller, [useTenant(A), asOf('NULL')])).toEqual([{ purged: '0' }]);
  expect(await request(scene.caller, [useTenant(A), asOf("localtimestamp - interval '1 day'")])).toEqual([
    { purged: '1' },
  ]);
});

test('T-MEM-10 without a tenant nothing is removed, whoever calls', async () => {
  await using scene = await openScene();
  await scene.database.owner.script(expiring());
  expect(await request(scene.caller, [purge])).toEqual([{ purged: '0' }]);
  expect((await scene.database.owner.query(purge)).rows).toEqual([{ purged: '0' }]);
  expect(await scene.rows()).toHaveLength(6);
});

test('T-MEM-10 a superuser without a tenant removes no ownerless row either, where the constraint let one in', async () => {
  await using scene = await openScene();
  const { owner } = scene.database;
  await owner.query('ALTER TABLE public.memory_chunks DROP CONSTRAINT memory_chunks_user_hash_not_empty');
  await owner.script(`${insert(crypto.randomUUID(), '', 'ownerless', "'2020-01-01'")} SET app.user_hash = ''`);
  expect((await owner.query(purge)).rows).toEqual([{ purged: '0' }]);
});

test('T-MEM-10 nor a row that names no tenant at all, where NOT NULL is gone', async () => {
  await using scene = await openScene();
  const { owner } = scene.database;
  await owner.script(`
    ALTER TABLE public.memory_chunks ALTER COLUMN user_hash DROP NOT NULL;
    ${insert(crypto.randomUUID(), A, 'tenantless', "'2020-01-01'")}
    UPDATE public.memory_chunks SET user_hash = NULL WHERE text_plain = 'tenantless'`);
  expect((await owner.query(purge)).rows).toEqual([{ purged: '0' }]);
});

test('T-MEM-10 a superuser who names a tenant removes that tenant’s expired rows only', async () => {
  await using scene = await openScene();
  await scene.database.owner.script(`${expiring()} BEGIN; ${useTenant(A)}; ${purge}; COMMIT`);
  expect((await scene.rows()).map(({ text_plain }) => text_plain)).toContain('expired of B');
  expect(await scene.rows()).toHaveLength(4);
});

function expiring(): string {
  return [
    insert(crypto.randomUUID(), A, 'expired of A', "localtimestamp - interval '1 hour'"),
    insert(crypto.randomUUID(), A, 'long expired of A', "'2020-01-01'"),
    insert(crypto.randomUUID(), A, 'later of A', "localtimestamp + interval '1 hour'"),
    insert(crypto.randomUUID(), B, 'expired of B', "localtimestamp - interval '1 hour'"),
  ].join('\n');
}
