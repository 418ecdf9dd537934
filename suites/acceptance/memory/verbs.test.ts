/** Memory chunks: no verb of tenant A reads, writes, deletes or takes a row of tenant B, or gives one away. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { idOfA, idOfB, insert, openScene, type Scene } from './scene.ts';
import { A, B } from './tenants.ts';

const table = 'public.memory_chunks';
const ofB = [`id = ${literal(idOfB)}`, `user_hash = ${literal(B)}`, "text_plain LIKE '%of B'"];

let scene: Scene;
let untouched: Awaited<ReturnType<Scene['rows']>>;
beforeAll(async () => {
  scene = await openScene();
  untouched = await scene.rows();
});
afterAll(() => scene[Symbol.asyncDispose]());

test.each(ofB)('T-MEM-06 A reads nothing of B where %s', async (where) => {
  const { rows, error } = await scene.attempt(A, `SELECT * FROM ${table} WHERE ${where}`);
  expect([rows, error]).toEqual([[], null]);
});

test.each(ofB)('T-MEM-06 A’s UPDATE and DELETE change nothing where %s', async (where) => {
  for (const sql of [`UPDATE ${table} SET source = 'x' WHERE ${where}`, `DELETE FROM ${table} WHERE ${where}`]) {
    const { count, error } = await scene.commit(A, sql);
    expect([count, error]).toEqual([0, null]);
  }
  expect(await scene.rows()).toEqual(untouched);
});

test.each([
  ['UPDATE', `UPDATE ${table} SET source = 'x'`],
  ['UPDATE that takes each row for A', `UPDATE ${table} SET user_hash = ${literal(A)}`],
  ['DELETE', `DELETE FROM ${table}`],
])('T-MEM-06 A’s %s without WHERE reaches A’s row alone, with and without RETURNING', async (_, sql) => {
  const bare = await scene.attempt(A, sql);
  const returning = await scene.attempt(A, `${sql} RETURNING id`);
  expect([bare.count, bare.error]).toEqual([1, null]);
  expect(returning.rows).toEqual([[idOfA]]);
});

test('T-MEM-06 A’s committed DELETE without WHERE leaves B’s row as it was', async () => {
  await using own = await openScene();
  const before = await own.rows();
  await own.commit(A, `DELETE FROM ${table}`);
  expect(await own.rows()).toEqual(before.filter(({ id }) => id === idOfB));
});

test.each([
  ['INSERT of a row of B', insert(crypto.randomUUID(), B, 'planted')],
  ['UPDATE that moves A’s row to B', `UPDATE ${table} SET user_hash = ${literal(B)}`],
  [
    'UPDATE that moves it where A names its id',
    `UPDATE ${table} SET user_hash = ${literal(B)} WHERE id = ${literal(idOfA)}`,
  ],
  [
    'upsert over B’s id',
    `${insert(idOfB, A, 'mine').slice(0, -1)} ON CONFLICT (id) DO UPDATE SET user_hash = excluded.user_hash`,
  ],
  [
    'MERGE that inserts for B',
    merge(`INSERT (user_hash, doc_id, source, embedding, chunk_index) VALUES (${literal(B)}, 'd', 's', '{}', 0)`),
  ],
])('T-MEM-06 A’s %s is refused and changes nothing', async (_, sql) => {
  expect((await scene.commit(A, sql)).error?.sqlstate).toBe('42501');
  expect(await scene.rows()).toEqual(untouched);
});

test('T-MEM-06 A writes, changes and deletes rows of its own', async () => {
  await using own = await openScene();
  const id = crypto.randomUUID();
  expect((await own.commit(A, insert(id, A, 'second'))).error).toBeNull();
  expect((await own.commit(A, `UPDATE ${table} SET source = 'chat' WHERE id = ${literal(id)}`)).count).toBe(1);
  expect((await own.commit(A, `DELETE FROM ${table} WHERE id = ${literal(id)}`)).count).toBe(1);
});

test('T-MEM-06 a row of B that A copies by its own SELECT is not there to be copied', async () => {
  const copy = `INSERT INTO ${table} (user_hash, doc_id, source, embedding, chunk_index)
    SELECT ${literal(A)}, doc_id, source, embedding, chunk_index FROM ${table} WHERE user_hash <> ${literal(A)}`;
  expect((await scene.attempt(A, copy)).count).toBe(0);
});

function merge(insertion: string): string {
  return `MERGE INTO ${table} AS target
    USING (SELECT ${literal(crypto.randomUUID())}::uuid AS id) AS source ON target.id = source.id
    WHEN NOT MATCHED THEN ${insertion}`;
}
