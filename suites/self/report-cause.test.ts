/** Where the migrations say what let a finding happen, how witnesses become files, and which finding a key means. */

import { describe, expect, test } from 'vitest';
import { readSaid, type Thing } from '../../fixtures/engine/said.ts';
import type { Argument, Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { SourceStatement } from '../../fixtures/model/scene.ts';
import { attacksPage } from '../../reports/attacks-page.ts';
import type { FindingEntry } from '../../reports/findings.ts';
import { witnessFiles } from '../../reports/witness-files.ts';
import { keysLike } from '../../scripts/replay/keys.ts';
import { loadAttacks } from '../load-attacks.ts';

const said = (...statements: readonly (readonly [node: string, sql: string])[]) =>
  readSaid(statements.map(([node, sql], at): SourceStatement => ({ file: `${at + 1}.sql`, line: 1, sql, node })));

const docs = { schema: 'public', relname: 'docs', name: 'public.docs', kind: 'table' } as Relation;
const routine = (...types: readonly string[]) =>
  ({
    schema: 'public',
    proname: 'f',
    arguments: types.map((baseType) => ({ baseType }) as Argument),
  }) as unknown as Routine;

describe('the statement that made or last changed', () => {
  const policy: Thing = { kind: 'policy', relation: docs, name: 'read' };
  const CREATE = ['CreatePolicyStmt', 'CREATE POLICY read ON docs USING (true)'] as const;

  test.for([
    [
      'a policy is its CREATE',
      policy,
      [CREATE, ['CreatePolicyStmt', 'CREATE POLICY read ON other USING (true)']],
      '1.sql',
    ],
    [
      'a policy is the ALTER after it',
      policy,
      [CREATE, ['AlterPolicyStmt', 'ALTER POLICY read ON public.docs USING (false)']],
      '2.sql',
    ],
    ['a policy made anew is the new one', policy, [CREATE, ['DropStmt', 'DROP POLICY read ON docs'], CREATE], '3.sql'],
    [
      'a renamed policy is found under its old name',
      policy,
      [
        ['CreatePolicyStmt', 'CREATE POLICY old ON docs USING (true)'],
        ['RenameStmt', 'ALTER POLICY old ON docs RENAME TO read'],
      ],
      '1.sql',
    ],
    [
      'a policy of another schema is another',
      policy,
      [CREATE, ['CreatePolicyStmt', 'CREATE POLICY read ON private.docs USING (true)']],
      '1.sql',
    ],
    [
      'a policy made in a block is the block',
      policy,
      [['DoStmt', "DO $$ BEGIN EXECUTE 'CREATE POLICY read ON docs USING (true)'; END $$"]],
      '1.sql',
    ],
    [
      'no row security is the DISABLE',
      { kind: 'row security', relation: docs },
      [
        ['CreateStmt', 'CREATE TABLE docs (id int)'],
        ['AlterTableStmt', 'ALTER TABLE docs DISABLE ROW LEVEL SECURITY'],
      ],
      '2.sql',
    ],
    [
      'no row security ever is the CREATE TABLE',
      { kind: 'row security', relation: docs },
      [
        ['CreateStmt', 'CREATE TABLE public.docs (id int)'],
        ['AlterTableStmt', 'ALTER TABLE docs ADD COLUMN a int'],
      ],
      '1.sql',
    ],
    [
      'a function is the one with its arguments',
      { kind: 'routine', routine: routine('uuid', '_text') },
      [
        ['CreateFunctionStmt', 'CREATE FUNCTION f(a uuid, b text[], OUT c int) LANGUAGE sql AS $$ SELECT 1 $$'],
        ['CreateFunctionStmt', 'CREATE FUNCTION public.f(a uuid, b int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$'],
      ],
      '1.sql',
    ],
  ] as const)('%s', ([, thing, statements, file]) => {
    expect(said(...statements).find(thing)?.file).toBe(file);
  });

  test('is nothing where no statement says so', () => {
    expect(said(['CreateStmt', 'CREATE TABLE docs (id int)']).find(policy)).toBeNull();
  });
});

describe('a witness', () => {
  test('of one session is one file, and two keys never share it', () => {
    const files = witnessFiles([
      { key: 'a:call:f(x)', witness: 'BEGIN;' },
      { key: 'a:call:f[x]', witness: 'BEGIN;' },
    ]);
    expect(files.map(({ path }) => path)).toEqual(['witness/a_call_f_x_.sql', 'witness/a_call_f_x_-2.sql']);
  });

  test('of several sessions is a file for each turn, the head in the first', () => {
    const witness = '-- what\nBEGIN;\n-- session 1\nSELECT 1;\n-- session 2\nSELECT 2;\n-- session 1\nSELECT 3;\n';
    const files = witnessFiles([{ key: 'k', witness }]);
    expect(files.map(({ path }) => path)).toEqual(
      [1, 2, 1].map((session, at) => `witness/k/${at + 1}-session-${session}.sql`),
    );
    expect(files.map(({ content }) => content).join('')).toBe(witness);
  });
});

describe('a key', () => {
  const findings = ['read:select:public.docs', 'read:select:public.notes', 'write:update:public.docs'].map(
    (key) => ({ key }) as FindingEntry,
  );

  test('may be the beginning of one', () => {
    expect(keysLike(findings, 'write').key).toBe('write:update:public.docs');
  });

  test('that several begin with, or none, names those it could be', () => {
    expect(() => keysLike(findings, 'read')).toThrow('2 findings begin with `read`.');
    expect(() => keysLike(findings, 'wirte:update:public.docs')).toThrow(
      expect.objectContaining({ fix: expect.stringMatching(/^Near it: write:update:public\.docs, /) }),
    );
  });
});

test('docs/attacks.md has every attack once, below its group', async () => {
  const attacks = await loadAttacks();
  const page = attacksPage(attacks);
  for (const { id } of attacks) expect(page.split(`**${id}**`)).toHaveLength(2);
});
