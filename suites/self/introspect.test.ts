/** The catalog says what is in the database: everything a caller can reach, and everything that protects it. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import { oneOfEverything, relation, routine, spelled } from './introspect-schema.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

let database: ScratchDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'supabase');
  await database.admin.script(oneOfEverything);
  catalog = await readCatalog(database.admin);
});
afterAll(() => database[Symbol.asyncDispose]());

describe('routines', () => {
  test('arguments are those a caller gives', () => {
    expect(routine(catalog, 'public.f(integer,text,integer[])')).toMatchObject({
      kind: 'function',
      returns: 'integer',
      volatility: 'stable',
      securityDefiner: true,
      strict: true,
      settings: ['search_path=public, pg_temp'],
      arguments: [
        { name: 'a', type: 'integer', baseType: 'int4', category: 'N', hasDefault: false, variadic: false },
        { name: 'c', type: 'text', hasDefault: true, variadic: false },
        { name: 'd', type: 'integer[]', hasDefault: true, variadic: true },
      ],
    });
    expect(routine(catalog, 'public.g()')).toMatchObject({
      returnsSet: true,
      returns: 'SETOF public.docs',
      body: expect.stringContaining('docs'),
    });
    expect(routine(catalog, 'public.p(public.mood)')).toMatchObject({
      kind: 'procedure',
      arguments: [{ name: 'm', category: 'E' }],
    });
  });

  test('everybody’s implicit EXECUTE is spelled out beside the platform’s, and gone when revoked', () => {
    const holders = (name: string) => routine(catalog, name).grants.map((grant) => grant.grantee);
    expect(holders('public.f(integer,text,integer[])')).toEqual(
      expect.arrayContaining(['anon', 'authenticated', 'public', 'service_role']),
    );
    expect(holders('public.g()')).not.toEqual(expect.arrayContaining(['public']));
    expect(holders('public.g()')).not.toEqual(expect.arrayContaining(['anon']));
  });
});

test('a function on which nobody granted anything is everybody’s all the same', async () => {
  await using plain = await scratchDatabase(inject('server'), 'plain');
  await plain.admin.script("CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE TABLE t (x int)");
  const found = await readCatalog(plain.admin);
  expect(spelled(routine(found, 'public.f()').grants, 'public')).toEqual(['EXECUTE']);
  expect(spelled(relation(found, 'public.t').grants, 'public')).toEqual([]);
});

test('triggers tell when and for what they run, and whether they are off', () => {
  expect(catalog.triggers.find((trigger) => trigger.relation === 'public.docs')).toMatchObject({
    name: 't',
    routine: 'public.touch()',
    timing: 'before',
    events: ['insert', 'update'],
    level: 'row',
    enabled: 'D',
  });
});

test('sequences know the column that each belongs to', () => {
  const sequence = catalog.sequences.find((each) => each.name === 'docs_n_seq');
  expect(sequence?.ownedBy).toEqual({ relation: 'public.docs', column: 'n' });
  expect(spelled(sequence?.grants ?? [], 'anon')).toEqual(['SELECT', 'UPDATE', 'USAGE']);
});

test('roles have the attributes and memberships that decide verdicts', () => {
  const role = (name: string) => catalog.roles.find((each) => each.name === name);
  expect(role('service_role')).toMatchObject({ bypassRls: true, superuser: false, login: false });
  expect(role('authenticator')).toMatchObject({
    login: true,
    inherit: false,
    memberOf: expect.arrayContaining(['anon', 'authenticated', 'service_role']),
  });
});

test('default privileges and schemas are told with their grants', () => {
  const odd = catalog.defaultPrivileges.find((each) => each.schema === 'Odd "One"');
  expect(odd).toMatchObject({
    objectType: 'table',
    grants: [{ grantee: 'anon', privilege: 'SELECT', columns: null, grantable: true }],
  });
  expect(spelled(catalog.schemas.find((each) => each.name === 'public')?.grants ?? [], 'anon')).toContain('USAGE');
});

describe('what the project did not make', () => {
  test('the platform’s tables and functions are there, and flagged', () => {
    for (const name of ['auth.users', 'storage.objects', 'storage.buckets', 'realtime.messages'])
      expect(relation(catalog, name).platform).toBe(true);
    expect(routine(catalog, 'auth.uid()').platform).toBe(true);
  });

  test('what a project puts into a schema of the platform is its own', async () => {
    await database.admin.script(
      "CREATE FUNCTION auth.is_admin() RETURNS boolean LANGUAGE sql AS 'SELECT false'; CREATE TABLE storage.notes (x int)",
    );
    const found = await readCatalog(database.admin);
    await database.admin.script('DROP FUNCTION auth.is_admin(); DROP TABLE storage.notes');
    expect(routine(found, 'auth.is_admin()').platform).toBe(false);
    expect(relation(found, 'storage.notes').platform).toBe(false);
    expect(
      found.relations.filter((each) => /^(auth|storage|realtime|vault)\./.test(each.name) && !each.platform),
    ).toHaveLength(1);
  });

  test('so are an extension’s, in whatever schema', () => {
    const functions = catalog.routines.filter((each) => each.schema === 'public' && each.proname.startsWith('citext'));
    expect(functions.length).toBeGreaterThan(0);
    expect(functions.filter((each) => !each.platform)).toEqual([]);
  });

  test('a plain project’s own schema auth is its own', async () => {
    await using plain = await scratchDatabase(inject('server'), 'plain');
    await plain.admin.script('CREATE SCHEMA auth; CREATE TABLE auth.users (id int PRIMARY KEY)');
    expect((await readCatalog(plain.admin)).relations).toMatchObject([{ name: 'auth.users', platform: false }]);
  });
});

test('reading twice gives the same, and leaves the search_path as it was', async () => {
  const before = await database.admin.query('SHOW search_path');
  // Roles belong to the whole server, where other tests make and drop theirs meanwhile.
  expect(await readCatalog(database.admin)).toEqual({ ...catalog, roles: expect.any(Array) });
  expect((await database.admin.query('SHOW search_path')).rows).toEqual(before.rows);
});
