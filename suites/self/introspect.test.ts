/** The catalog says what is in the database: everything a caller can reach, and everything that protects it. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import type { Catalog, Grant, Relation, Routine } from '../../fixtures/model/catalog.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

const schema = `
  CREATE SCHEMA "Odd ""One""";
  CREATE TYPE mood AS ENUM ('sad', 'ok');
  CREATE DOMAIN word AS varchar(30) CHECK (VALUE !~ ' ');
  CREATE DOMAIN address AS word NOT NULL CHECK (VALUE ~ '@');
  CREATE TABLE people (id uuid PRIMARY KEY DEFAULT gen_random_uuid() REFERENCES auth.users ON DELETE CASCADE, mail address, m mood, ms mood[], up text GENERATED ALWAYS AS (upper(mail)) STORED);
  CREATE TABLE docs (
    id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    owner uuid NOT NULL DEFAULT auth.uid() REFERENCES people ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE,
    "Body text" varchar(12) DEFAULT 'x',
    n serial,
    CONSTRAINT positive CHECK (n > 0),
    CONSTRAINT pair UNIQUE (n, owner));
  CREATE UNIQUE INDEX live ON docs (lower("Body text")) WHERE n > 5;
  ALTER TABLE docs ENABLE ROW LEVEL SECURITY;
  ALTER TABLE docs FORCE ROW LEVEL SECURITY;
  CREATE POLICY own ON docs AS RESTRICTIVE FOR UPDATE TO authenticated, anon USING (owner = auth.uid()) WITH CHECK (n < 10);
  CREATE POLICY seen ON docs FOR SELECT USING (true);
  REVOKE ALL ON docs FROM anon;
  GRANT SELECT (id, "Body text"), UPDATE (n) ON docs TO anon;
  CREATE VIEW v WITH (security_invoker = on, security_barrier) AS SELECT docs.id, people.mail FROM docs JOIN people ON people.id = docs.owner;
  CREATE VIEW w AS SELECT * FROM v;
  CREATE MATERIALIZED VIEW mv AS SELECT 1 AS one;
  CREATE TABLE ev (region text) PARTITION BY LIST (region);
  CREATE TABLE ev_eu PARTITION OF ev FOR VALUES IN ('eu');
  CREATE FUNCTION f(a int, OUT b int, c text DEFAULT 'x', VARIADIC d int[] DEFAULT NULL) RETURNS int LANGUAGE sql STABLE SECURITY DEFINER STRICT SET search_path = public, pg_temp AS 'SELECT 1';
  CREATE FUNCTION g() RETURNS SETOF docs LANGUAGE sql BEGIN ATOMIC SELECT * FROM docs; END;
  CREATE PROCEDURE p(INOUT m mood) LANGUAGE plpgsql AS 'BEGIN END';
  REVOKE ALL ON FUNCTION g() FROM PUBLIC, anon;
  CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE TRIGGER t BEFORE INSERT OR UPDATE OF n ON docs FOR EACH ROW EXECUTE FUNCTION touch();
  ALTER TABLE docs DISABLE TRIGGER t;
  ALTER DEFAULT PRIVILEGES IN SCHEMA "Odd ""One""" GRANT SELECT ON TABLES TO anon WITH GRANT OPTION;
  CREATE TABLE "Odd ""One""".t (x int);
  CREATE EXTENSION citext;`;

let database: ScratchDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'supabase');
  await database.admin.script(schema);
  catalog = await readCatalog(database.admin);
});
afterAll(() => database[Symbol.asyncDispose]());

function relation(name: string): Relation {
  const found = catalog.relations.find((each) => each.name === name);
  if (!found) throw new Error(`${name} is not in the catalog`);
  return found;
}

function routine(name: string): Routine {
  const found = catalog.routines.find((each) => each.name === name);
  if (!found)
    throw new Error(
      `${name} is not in the catalog: ${catalog.routines.filter((each) => !each.platform).map((each) => each.name)}`,
    );
  return found;
}

/** `grantee privilege` or `grantee privilege (columns)`. */
function spelled(grants: readonly Grant[], grantee: string): readonly string[] {
  return grants
    .filter((grant) => grant.grantee === grantee)
    .map(({ privilege, columns }) => (columns ? `${privilege} (${columns.join(', ')})` : privilege));
}

describe('relations', () => {
  test('row security, its force, and policies are told with their expressions', () => {
    expect(relation('public.docs')).toMatchObject({
      kind: 'table',
      rowSecurity: true,
      forced: true,
      platform: false,
      owner: 'postgres',
    });
    expect(relation('public.docs').policies).toEqual([
      {
        name: 'own',
        command: 'update',
        permissive: false,
        roles: ['anon', 'authenticated'],
        using: '(owner = auth.uid())',
        withCheck: '(n < 10)',
      },
      { name: 'seen', command: 'select', permissive: true, roles: ['public'], using: 'true', withCheck: null },
    ]);
  });

  test('columns have types, defaults, identities and generation', () => {
    expect(relation('public.docs').columns).toMatchObject([
      {
        name: 'id',
        type: 'integer',
        baseType: 'int4',
        category: 'N',
        notNull: true,
        default: null,
        identity: 'a',
        generated: false,
      },
      { name: 'owner', type: 'uuid', default: 'auth.uid()' },
      {
        name: 'Body text',
        type: 'character varying(12)',
        baseType: 'varchar',
        category: 'S',
        default: "'x'::character varying",
      },
      { name: 'n', default: "nextval('public.docs_n_seq'::regclass)" },
    ]);
    expect(relation('public.people').columns.at(-1)).toMatchObject({ name: 'up', generated: true, default: null });
  });

  test('a domain is followed to what stores it, with the checks of every layer; an enum has its labels', () => {
    expect(relation('public.people').columns).toMatchObject([
      { name: 'id' },
      {
        name: 'mail',
        type: 'public.address',
        storedAs: 'character varying(30)',
        baseType: 'varchar',
        notNull: true,
        domainChecks: [expect.stringContaining("'@'"), expect.stringContaining("' '")],
      },
      { name: 'm', category: 'E', labels: ['sad', 'ok'] },
      { name: 'ms', category: 'A', labels: ['sad', 'ok'] },
      { name: 'up' },
    ]);
    expect(catalog.enums.filter((each) => each.schema === 'public')).toEqual([
      { schema: 'public', name: 'mood', labels: ['sad', 'ok'] },
    ]);
  });

  test('constraints say what they bind and what they point to', () => {
    expect(relation('public.docs').constraints).toMatchObject([
      {
        name: 'docs_owner_fkey',
        kind: 'foreign',
        columns: ['owner'],
        deferrable: true,
        references: { relation: 'public.people', columns: ['id'], onDelete: 'set null', onUpdate: 'cascade' },
      },
      { name: 'docs_pkey', kind: 'primary', columns: ['id'], references: null },
      { name: 'pair', kind: 'unique', columns: ['n', 'owner'] },
      { name: 'positive', kind: 'check', columns: ['n'], definition: 'CHECK ((n > 0))' },
    ]);
    expect(relation('public.docs').indexes.find((index) => index.name === 'live')).toMatchObject({
      unique: true,
      primary: false,
      partial: true,
      columns: [],
    });
  });

  test('privileges on single columns stand beside those on the whole', () => {
    expect(spelled(relation('public.docs').grants, 'anon')).toEqual(['SELECT (id, Body text)', 'UPDATE (n)']);
    expect(spelled(relation('public.docs').grants, 'authenticated')).toEqual(
      expect.arrayContaining(['DELETE', 'INSERT', 'SELECT', 'TRUNCATE', 'UPDATE']),
    );
  });

  test('views tell whose rights they use and what is behind them', () => {
    expect(relation('public.v')).toMatchObject({
      kind: 'view',
      securityInvoker: true,
      securityBarrier: true,
      basedOn: ['public.docs', 'public.people'],
    });
    expect(relation('public.w')).toMatchObject({
      kind: 'view',
      securityInvoker: false,
      securityBarrier: false,
      basedOn: ['public.v'],
    });
    expect(relation('public.mv')).toMatchObject({ kind: 'matview', definition: expect.stringContaining('SELECT') });
  });

  test('partitions know their parent and bound', () => {
    expect(relation('public.ev')).toMatchObject({
      kind: 'partitioned',
      partitionKey: 'LIST (region)',
      partitionOf: null,
    });
    expect(relation('public.ev_eu')).toMatchObject({
      kind: 'table',
      partitionOf: 'public.ev',
      basedOn: ['public.ev'],
      partitionBound: "FOR VALUES IN ('eu')",
    });
  });

  test('a name with quotes and spaces is read like any other', () => {
    expect(relation('Odd "One".t')).toMatchObject({ schema: 'Odd "One"', relname: 't', platform: false });
  });
});

describe('routines', () => {
  test('arguments are those a caller gives', () => {
    expect(routine('public.f(integer,text,integer[])')).toMatchObject({
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
    expect(routine('public.g()')).toMatchObject({
      returnsSet: true,
      returns: 'SETOF public.docs',
      body: expect.stringContaining('docs'),
    });
    expect(routine('public.p(public.mood)')).toMatchObject({
      kind: 'procedure',
      arguments: [{ name: 'm', category: 'E' }],
    });
  });

  test('everybody’s implicit EXECUTE is spelled out beside the platform’s, and gone when revoked', () => {
    const holders = (name: string) => routine(name).grants.map((grant) => grant.grantee);
    expect(holders('public.f(integer,text,integer[])')).toEqual(
      expect.arrayContaining(['anon', 'authenticated', 'public', 'service_role']),
    );
    expect(holders('public.g()')).not.toEqual(expect.arrayContaining(['public']));
    expect(holders('public.g()')).not.toEqual(expect.arrayContaining(['anon']));
  });
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
      expect(relation(name).platform).toBe(true);
    expect(routine('auth.uid()').platform).toBe(true);
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
  expect(await readCatalog(database.admin)).toEqual(catalog);
  expect((await database.admin.query('SHOW search_path')).rows).toEqual(before.rows);
});
