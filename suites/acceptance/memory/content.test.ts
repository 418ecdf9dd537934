/** Memory chunks written and read by the application's own client, sealed, over a genuine login. */

import { expect, test } from 'vitest';
import type { Session } from '../../../fixtures/wire/session.ts';
import { type Chunk, readChunk, writeChunk } from '../../../supabase/memory/client/chunks.ts';
import { openCounters } from '../../../supabase/memory/client/counters.ts';
import { asTenant } from '../../../supabase/memory/client/tenant.ts';
import { openVault } from '../../../supabase/memory/client/vault.ts';
import { openScene } from './scene.ts';
import { A, B, environment } from './tenants.ts';

const chunk: Chunk = {
  docId: 'diary',
  source: 'chat',
  index: 3,
  text: 'Nobody but A knows of the Grüße in here: 🦊',
  metadata: { author: 'A', tags: ['private'], page: 7, nested: { ok: true } },
  embedding: [0.1, -2.5e-300, 1 / 3, 0],
};

test('T-MEM-11 a chunk that A writes is read back as it was: text, metadata and embedding', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  const id = await app.write(A);
  expect(await app.read(A, id)).toEqual(chunk);
  expect(await app.read(B, id)).toBeNull();
});

test('T-MEM-11 in the database the content stands sealed in the three cipher columns and nowhere in plain', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  const id = await app.write(A);
  const row = (await scene.rows()).find((candidate) => candidate['id'] === id);
  expect(row).toMatchObject({ user_hash: A, text_plain: null, embedding: [] });
  const sealed = ['text_cipher', 'meta_cipher', 'emb_cipher'].map((column) => row?.[column]);
  const opened = sealed.map((blob) => app.vault.openSealed(blob as Buffer, A));
  expect(opened[0]?.toString()).toBe(chunk.text);
  expect(JSON.parse(String(opened[1]))).toEqual(chunk.metadata);
  expect(opened[2]).toEqual(Buffer.from(Float64Array.from(chunk.embedding).buffer));
});

test('T-MEM-16 A’s row copied to B by the database owner reads as B’s row and does not open', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  const id = await app.write(A);
  const { rows } = await scene.database.owner.query(
    `INSERT INTO public.memory_chunks (user_hash, doc_id, source, chunk_index, embedding, text_cipher, meta_cipher, emb_cipher)
     SELECT $2, doc_id, source, chunk_index, embedding, text_cipher, meta_cipher, emb_cipher
     FROM public.memory_chunks
     WHERE id = $1
     RETURNING id`,
    [id, B],
  );
  const copy = String(rows[0]?.['id']);
  expect(
    (await scene.attempt(B, `SELECT user_hash, doc_id FROM public.memory_chunks WHERE id = '${copy}'`)).rows,
  ).toEqual([[B, 'diary']]);
  await expect(app.read(B, copy)).rejects.toMatchObject({ name: 'MemoryError', code: 'BLOB_REFUSED' });
  expect(app.counters.read()).toEqual({ memory_aad_mismatch_total: 1, memory_rls_policy_errors_total: 0 });
  expect(await app.read(A, id)).toEqual(chunk);
});

test('T-MEM-16 A’s row moved to B by the database owner does not open either', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  const id = await app.write(A);
  await scene.database.owner.query('UPDATE public.memory_chunks SET user_hash = $2 WHERE id = $1', [id, B]);
  expect(await app.read(A, id)).toBeNull();
  await expect(app.read(B, id)).rejects.toMatchObject({ code: 'BLOB_REFUSED' });
});

test('T-MEM-21 honest requests of both tenants leave memory_rls_policy_errors_total at 0; a write for another tenant counts', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  await app.read(A, await app.write(A));
  await app.read(B, await app.write(B));
  expect(app.counters.read()).toEqual({ memory_aad_mismatch_total: 0, memory_rls_policy_errors_total: 0 });
  const forB = asTenant(scene.caller, A, app.counters, (connection) => writeChunk(connection, app.vault, B, chunk));
  await expect(forB).rejects.toMatchObject({ code: '42501' });
  expect(app.counters.read()).toEqual({ memory_aad_mismatch_total: 0, memory_rls_policy_errors_total: 1 });
});

test('T-MEM-21 a refused request is rolled back and the connection serves the next tenant', async () => {
  await using scene = await openScene();
  const app = await openApplication(scene.caller);
  const half = asTenant(scene.caller, A, app.counters, async (connection) => {
    await writeChunk(connection, app.vault, A, chunk);
    await writeChunk(connection, app.vault, B, chunk);
  });
  await expect(half).rejects.toMatchObject({ code: '42501' });
  await expect(app.write('')).rejects.toMatchObject({ code: '22023' });
  expect(await scene.rows()).toHaveLength(2);
  expect(await app.read(B, await app.write(B))).toEqual(chunk);
});

/** The application on one connection, which the role app_user stands for from here on. */
async function openApplication(connection: Session) {
  await connection.query('SET ROLE app_user');
  const counters = openCounters();
  const vault = openVault(environment, counters);
  return {
    counters,
    vault,
    write: (hash: string) => asTenant(connection, hash, counters, (inside) => writeChunk(inside, vault, hash, chunk)),
    read: (hash: string, id: string) =>
      asTenant(connection, hash, counters, (inside) => readChunk(inside, vault, hash, id)),
  };
}
