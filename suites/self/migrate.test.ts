/** Migrations apply as their own tool would, and a refusal names where and why. */

import { describe, expect, inject, test } from 'vitest';
import { type MigrateOptions, migrate } from '../../fixtures/migrate/migrate.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import { rollback } from '../../fixtures/migrate/rollback.ts';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import { column, scratchDatabase, scratchFolder } from './migrate-scratch.ts';

type Files = { readonly [path: string]: string };

async function scene(files: Files, platform: PlatformKind = 'plain') {
  const folder = await scratchFolder(files);
  const database = await scratchDatabase(inject('server'), platform);
  const project = async () => await findProject(folder.path, { platform });
  return {
    folder,
    admin: database.admin,
    project,
    run: async (options: MigrateOptions = {}) =>
      await migrate(database.admin, await project(), { access: inject('server'), ...options }),
    tables: async () =>
      await column(database.admin, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"),
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const three = {
  '0001_a.sql': 'CREATE TABLE a ();',
  '0002_b.sql': 'CREATE TABLE b ();',
  '0010_c.sql': 'CREATE TABLE c ();',
};

describe('order, stages and journal', () => {
  test('every file applies once; a second run applies nothing', async () => {
    await using at = await scene(three);
    expect(await at.run()).toMatchObject({ applied: ['0001', '0002', '0010'], failed: [] });
    expect(await at.run()).toMatchObject({ applied: [], failed: [] });
    expect(await at.tables()).toEqual(['a', 'b', 'c']);
  });

  test.each(['0002', '2', '0002_b'])('a stage can be called %s, and the rest follows later', async (to) => {
    await using at = await scene(three);
    expect((await at.run({ to })).applied).toEqual(['0001', '0002']);
    expect((await at.run()).applied).toEqual(['0010']);
  });

  test('an unknown stage lists those there are', async () => {
    await using at = await scene(three);
    await expect(at.run({ to: '7' })).rejects.toMatchObject({
      name: 'CannotRun',
      fix: expect.stringContaining('0001, 0002, 0010'),
    });
  });

  test('a repeated version applies and is remembered twice', async () => {
    await using at = await scene({ '1_a.sql': 'CREATE TABLE a ();', '1_b.sql': 'CREATE TABLE b ();' });
    expect((await at.run({ to: '1' })).applied).toEqual(['1', '1_b']);
    expect((await at.run()).applied).toEqual([]);
  });

  test('the journal of a hosted project is the one of its own tool', async () => {
    await using at = await scene({ '1_a.sql': "-- x\nCREATE TABLE a ();\nSELECT 'it''s \\ é';" }, 'supabase');
    await at.run();
    const { rows } = await at.admin.query(
      'SELECT version, name, statements FROM supabase_migrations.schema_migrations',
    );
    expect(rows).toEqual([{ version: '1', name: 'a', statements: ['CREATE TABLE a ()', "SELECT 'it''s \\ é'"] }]);
  });
});

describe('transactions', () => {
  test('a failing file leaves nothing of itself', async () => {
    await using at = await scene({ '1_a.sql': 'CREATE TABLE a ();', '2_b.sql': 'CREATE TABLE b ();\nSELECT 1/0;' });
    await expect(at.run()).rejects.toMatchObject({ name: 'CannotRun' });
    expect(await at.tables()).toEqual(['a']);
    expect((await at.run({ continueOnError: true })).failed).toHaveLength(1);
  });

  test('what no transaction allows is run statement by statement', async () => {
    await using at = await scene({
      '1_index.sql': 'CREATE TABLE a (x int);\nCREATE INDEX CONCURRENTLY i ON a (x);',
      '2_enum.sql': "CREATE TYPE mood AS ENUM ('sad');",
      '3_enum.sql':
        "ALTER TYPE mood ADD VALUE 'ok';\nCREATE TABLE b (m mood DEFAULT 'ok');\nINSERT INTO b DEFAULT VALUES;",
      '4_vacuum.sql': 'VACUUM a;',
    });
    expect((await at.run()).applied).toEqual(['1', '2', '3', '4']);
    expect(await column(at.admin, 'SELECT m::text FROM b')).toEqual(['ok']);
  });

  test('a file with one BEGIN and COMMIT around it is one transaction with its journal entry', async () => {
    await using at = await scene({ '1_a.sql': 'BEGIN;\nCREATE TABLE a ();\nSELECT 1/0;\nCOMMIT;' });
    await expect(at.run()).rejects.toMatchObject({ cause: { line: 3, sqlstate: '22012' } });
    expect(await at.tables()).toEqual([]);
  });

  test('a file with transactions of its own keeps them, and one left open is closed', async () => {
    await using at = await scene({
      '1_a.sql':
        'BEGIN; CREATE TABLE a (); COMMIT;\nBEGIN; CREATE TABLE gone (); ROLLBACK;\nBEGIN;\nCREATE TABLE b ();',
      '2_c.sql': 'CREATE TABLE c ();',
    });
    expect((await at.run()).applied).toEqual(['1', '2']);
    expect(await at.tables()).toEqual(['a', 'b', 'c']);
    expect((await at.admin.query('SELECT now() <> statement_timestamp() AS inside')).rows).toEqual([{ inside: false }]);
  });

  test('a file cannot change the session for the next one', async () => {
    await using at = await scene(
      {
        '1_dump.sql':
          "SELECT set_config('search_path', '', false); SET check_function_bodies = false; SET row_security = off;",
        '2_role.sql': 'SET SESSION AUTHORIZATION anon; SET ROLE anon;',
        '3_after.sql': 'CREATE TABLE a (id uuid DEFAULT uuid_generate_v4());',
      },
      'supabase',
    );
    expect((await at.run()).applied).toEqual(['1', '2', '3']);
    expect(
      await column(
        at.admin,
        'SELECT session_user = current_user AND rolsuper FROM pg_roles WHERE rolname = current_user',
      ),
    ).toEqual([true]);
    expect(await column(at.admin, "SELECT current_setting('check_function_bodies')")).toEqual(['on']);
  });
});

describe('failures', () => {
  test.each([
    ['a grammar error', "SELECT 'é';\n\nCREATE TABEL x ();", 3, '42601'],
    ['an error with a position', "SELECT 'é🙂';\n-- comment\nSELECT 1,\n  'é🙂',\n  nope;", 5, '42703'],
    ['an error without one', 'SELECT 1;\n\n/* ; */\nSELECT 1\n/ 0;', 4, '22012'],
    [
      'a deferred constraint',
      'CREATE TABLE p (id int PRIMARY KEY);\nCREATE TABLE q (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);\nINSERT INTO q VALUES (1);',
      3,
      '23503',
    ],
    [
      'a statement without a transaction',
      'CREATE TABLE d (x int);\nINSERT INTO d VALUES (1), (1);\nCREATE UNIQUE INDEX CONCURRENTLY i ON d (x);',
      3,
      '23505',
    ],
  ])('%s names its line', async (_, sql, line, sqlstate) => {
    await using at = await scene({ '1_a.sql': sql });
    expect((await at.run({ continueOnError: true })).failed).toMatchObject([{ file: '1_a.sql', line, sqlstate }]);
  });

  test('one sentence says file, line, SQLSTATE and statement, and the fix holds the hint', async () => {
    await using at = await scene({ 'migrations/1_a.sql': 'CREATE TABLE a (id int);\nSELECT lenght(id)\nFROM a;' });
    await expect(at.run()).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringMatching(/migrations\/1_a\.sql line 2: .*SQLSTATE 42883.*SELECT lenght\(id\)$/),
      fix: expect.stringContaining('No function matches'),
      cause: { file: 'migrations/1_a.sql', line: 2, statement: 'SELECT lenght(id)' },
    });
  });

  test('going on reports every failing file and applies the others', async () => {
    await using at = await scene({
      '1_a.sql': 'CREATE TABLE a ();',
      '2_b.sql': 'SELECT nope;',
      '3_c.sql': 'ALTER TABLE missing ADD x int;',
      '4_d.sql': 'CREATE TABLE d ();',
    });
    const { applied, failed } = await at.run({ continueOnError: true });
    expect(applied).toEqual(['1', '4']);
    expect(failed.map(({ file, sqlstate }) => [file, sqlstate])).toEqual([
      ['2_b.sql', '42703'],
      ['3_c.sql', '42P01'],
    ]);
  });

  test('what was left out of a file is said', async () => {
    await using at = await scene({ '1_a.sql': '\\restrict x\nCREATE TABLE a ();' });
    expect((await at.run()).notes).toEqual(["1_a.sql, line 1: psql's \\restrict was left out."]);
  });
});

describe('rolling back', () => {
  test('the way back is one transaction, and what it undid applies again', async () => {
    await using at = await scene({
      'migrations/1_a.sql': 'CREATE TABLE a ();',
      'migrations/2_b.sql': 'CREATE TABLE b ();',
      'rollback.sql': 'DROP TABLE b;',
    });
    await at.run();
    await rollback(at.admin, await at.project(), { to: '1', access: inject('server') });
    expect(await at.tables()).toEqual(['a']);
    expect((await at.run()).applied).toEqual(['2']);
  });

  test('a failing way back changes nothing and names its line', async () => {
    await using at = await scene({
      'migrations/1_a.sql': 'CREATE TABLE a ();',
      'rollback.sql': 'DROP TABLE a;\nDROP TABLE nope;',
    });
    await at.run();
    const back = rollback(at.admin, await at.project(), { to: null });
    await expect(back).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining('rollback.sql line 2'),
    });
    expect(await at.tables()).toEqual(['a']);
    expect((await at.run()).applied).toEqual([]);
  });
});
