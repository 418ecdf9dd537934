/** The catalog says of each relation what it holds and what protects it. */

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import { oneOfEverything, relation, spelled } from './introspect-schema.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

let database: ScratchDatabase;
let catalog: Catalog;

beforeAll(async () => {
  database = await scratchDatabase(inject('server'), 'supabase');
  await database.admin.script(oneOfEverything);
  catalog = await readCatalog(database.admin);
});
afterAll(() => database[Symbol.asyncDispose]());

describe('relations', () => {
  test('row security, its force, and policies are told with their expressions', () => {
    expect(relation(catalog, 'public.docs')).toMatchObject({
      kind: 'table',
      rowSecurity: true,
      forced: true,
      platform: false,
      owner: 'postgres',
    });
    expect(relation(catalog, 'public.docs').policies).toEqual([
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
    expect(relation(catalog, 'public.docs').columns).toMatchObject([
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
    expect(relation(catalog, 'public.people').columns.at(-1)).toMatchObject({
      name: 'up',
      generated: true,
      default: null,
    });
  });

  test('a domain is followed to what stores it, with the checks of every layer; an enum has its labels', () => {
    expect(relation(catalog, 'public.people').columns).toMatchObject([
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
    expect(relation(catalog, 'public.docs').constraints).toMatchObject([
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
    expect(relation(catalog, 'public.docs').indexes.find((index) => index.name === 'live')).toMatchObject({
      unique: true,
      primary: false,
      partial: true,
      columns: [],
    });
  });

  test('privileges on single columns stand beside those on the whole', () => {
    expect(spelled(relation(catalog, 'public.docs').grants, 'anon')).toEqual(['SELECT (id, Body text)', 'UPDATE (n)']);
    expect(spelled(relation(catalog, 'public.docs').grants, 'authenticated')).toEqual(
      expect.arrayContaining(['DELETE', 'INSERT', 'SELECT', 'TRUNCATE', 'UPDATE']),
    );
  });

  test('views tell whose rights they use and what is behind them', () => {
    expect(relation(catalog, 'public.v')).toMatchObject({
      kind: 'view',
      securityInvoker: true,
      securityBarrier: true,
      checkOption: null,
      basedOn: ['public.docs', 'public.people'],
    });
    expect(relation(catalog, 'public.w')).toMatchObject({
      kind: 'view',
      securityInvoker: false,
      securityBarrier: false,
      basedOn: ['public.v'],
    });
    expect(relation(catalog, 'public.positive')).toMatchObject({ checkOption: 'local', basedOn: ['public.docs'] });
    expect(relation(catalog, 'public.mv')).toMatchObject({
      kind: 'matview',
      definition: expect.stringContaining('SELECT'),
    });
  });

  test('partitions know their parent and bound', () => {
    expect(relation(catalog, 'public.ev')).toMatchObject({
      kind: 'partitioned',
      partitionKey: 'LIST (region)',
      partitionOf: null,
    });
    expect(relation(catalog, 'public.ev_eu')).toMatchObject({
      kind: 'table',
      partitionOf: 'public.ev',
      basedOn: ['public.ev'],
      partitionBound: "FOR VALUES IN ('eu')",
    });
  });

  test('a name with quotes and spaces is read like any other', () => {
    expect(relation(catalog, 'Odd "One".t')).toMatchObject({ schema: 'Odd "One"', relname: 't', platform: false });
  });
});
