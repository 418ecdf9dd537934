/** Memory chunks: columns, indexes, policies, owner, roles and grants are exactly those of the requirements. */

import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Grant, Relation, Routine } from '../../../fixtures/model/catalog.ts';
import { openScene, type Scene } from './scene.ts';

let scene: Scene;
let table: Relation;
beforeAll(async () => {
  scene = await openScene();
  table = found(scene.database.catalog.relations.find(({ name }) => name === 'public.memory_chunks'));
});
afterAll(() => scene[Symbol.asyncDispose]());

test('T-MEM-01 the table has its 17 columns with their types, defaults and NOT NULLs', () => {
  const columns = table.columns.map(({ name, type, notNull, default: value }) => [name, type, notNull, value]);
  expect(columns).toEqual([
    ['id', 'uuid', true, 'gen_random_uuid()'],
    ['user_hash', 'character varying(64)', true, null],
    ['doc_id', 'character varying(255)', true, null],
    ['source', 'character varying(100)', true, null],
    ['text_plain', 'text', false, null],
    ['text_cipher', 'bytea', false, null],
    ['meta_cipher', 'bytea', false, null],
    ['embedding', 'double precision[]', true, null],
    ['emb_cipher', 'bytea', false, null],
    ['chunk_index', 'integer', true, null],
    ['char_start', 'integer', false, null],
    ['char_end', 'integer', false, null],
    ['created_at', 'timestamp without time zone', true, 'now()'],
    ['updated_at', 'timestamp without time zone', true, 'now()'],
    ['expires_at', 'timestamp without time zone', false, null],
    ['tags', 'text[]', false, null],
    ['model', 'character varying(100)', false, null],
  ]);
});

test('T-MEM-02 there are the primary key and six B-tree indexes, no more', () => {
  const indexes = table.indexes.map(({ name, columns }) => [name, columns.join(', ')]).sort();
  expect(indexes).toEqual([
    ['idx_memory_chunks_created_at', 'created_at'],
    ['idx_memory_chunks_doc_id', 'doc_id'],
    ['idx_memory_chunks_expires_at', 'expires_at'],
    ['idx_memory_chunks_source', 'source'],
    ['idx_memory_chunks_user_hash', 'user_hash'],
    ['idx_memory_chunks_user_hash_created', 'user_hash, created_at'],
    ['memory_chunks_pkey', 'id'],
  ]);
  expect(table.indexes.every(({ definition }) => definition.includes(' USING btree '))).toBe(true);
  expect(table.indexes.filter(({ primary }) => primary).map(({ name }) => name)).toEqual(['memory_chunks_pkey']);
});

test('T-MEM-03 row-level security is enabled and forced', () => {
  expect([table.rowSecurity, table.forced]).toEqual([true, true]);
});

test('T-MEM-03 there are four policies, one a verb, each comparing user_hash with a tenant that is never empty', () => {
  const own = "((user_hash)::text = NULLIF(current_setting('app.user_hash'::text, true), ''::text))";
  const policies = table.policies.map(({ name: _, ...policy }) => policy);
  const shape = { permissive: true, roles: ['public'] };
  expect(policies).toHaveLength(4);
  expect(policies).toEqual(
    expect.arrayContaining([
      { ...shape, command: 'select', using: own, withCheck: null },
      { ...shape, command: 'insert', using: null, withCheck: own },
      { ...shape, command: 'update', using: own, withCheck: own },
      { ...shape, command: 'delete', using: own, withCheck: null },
    ]),
  );
});

test('T-MEM-03 the one CHECK refuses an empty tenant', () => {
  const checks = table.constraints.filter(({ kind }) => kind === 'check').map(({ definition }) => definition);
  expect(checks).toEqual(["CHECK (((user_hash)::text <> ''::text))"]);
});

test('T-MEM-04 memory_owner and app_user are no superusers, bypass nothing and may create nothing', () => {
  const powers = {
    superuser: false,
    bypassRls: false,
    createRole: false,
    createDb: false,
    replication: false,
    memberOf: [],
  };
  const role = (name: string) => scene.database.catalog.roles.find((candidate) => candidate.name === name);
  expect(role('app_user')).toMatchObject({ ...powers, login: true });
  expect(role('memory_owner')).toMatchObject({ ...powers, login: false });
});

test('T-MEM-04 app_user holds exactly SELECT, INSERT, UPDATE and DELETE, and nobody but the owner holds more', () => {
  const others = table.grants.filter(({ grantee }) => grantee !== 'memory_owner');
  expect(others.map(plain).sort()).toEqual([
    'app_user DELETE',
    'app_user INSERT',
    'app_user SELECT',
    'app_user UPDATE',
  ]);
});

test.each(['memory_use_tenant', 'memory_purge_expired'])(
  'T-MEM-04 %s belongs to memory_owner, runs with its caller’s rights on a pinned search_path, and only app_user may call it',
  (name) => {
    const routine: Routine = found(scene.database.catalog.routines.find(({ proname }) => proname === name));
    expect(routine).toMatchObject({ owner: 'memory_owner', securityDefiner: false, strict: false });
    expect(routine.settings).toEqual(['search_path=pg_catalog, pg_temp']);
    expect(routine.grants.filter(({ grantee }) => grantee !== 'memory_owner').map(plain)).toEqual(['app_user EXECUTE']);
  },
);

test('T-MEM-04 app_user owns nothing in the database', async () => {
  const { rows } = await scene.database.owner.query(`
    SELECT classid::regclass::text AS kind, objid
    FROM pg_shdepend
    WHERE refobjid = 'app_user'::regrole
      AND deptype = 'o'
      AND dbid = (SELECT oid FROM pg_database WHERE datname = current_database())`);
  expect(rows).toEqual([]);
});

function plain({ grantee, privilege, columns, grantable }: Grant): string {
  return [grantee, privilege, ...(columns ?? []), ...(grantable ? ['with grant option'] : [])].join(' ');
}

function found<Thing>(thing: Thing | undefined): Thing {
  expect(thing).toBeDefined();
  return thing as Thing;
}
