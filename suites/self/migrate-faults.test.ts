/** What is at fault in a project's files takes as little along as possible, and its first cause is told from what follows. */

import { describe, expect, inject, test } from 'vitest';
import { migrate } from '../../fixtures/migrate/migrate.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import { standInsOf } from '../../fixtures/migrate/stand-ins.ts';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import { column, scratchDatabase, scratchFolder } from './migrate-scratch.ts';

async function applied(files: { readonly [path: string]: string }, platform: PlatformKind = 'plain') {
  const folder = await scratchFolder(files);
  const database = await scratchDatabase(inject('server'), platform);
  const project = await findProject(folder.path, { platform });
  return {
    admin: database.admin,
    standIns: await standInsOf(database.admin),
    report: await migrate(database.admin, project, { access: inject('server'), continueOnError: true, seeds: true }),
    tables: await column(database.admin, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"),
    [Symbol.asyncDispose]: async () => {
      await database[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

describe('a file that fails', () => {
  test('keeps the statements that apply, and says how many', async () => {
    await using at = await applied({
      '1_a.sql': 'CREATE TABLE a ();\nSELECT 1/0;\nCREATE TABLE b ();\nSELECT nope;',
    });
    expect(at.tables).toEqual(['a', 'b']);
    expect(at.report.failed).toMatchObject([{ line: 2, sqlstate: '22012', kept: [2, 4], follows: null }]);
    expect(at.report.applied).toEqual([]);
  });

  test('keeps them, too, where the grammar refuses one', async () => {
    await using at = await applied({ '1_a.sql': 'CREATE TABLE a ();\nCREATE TABEL b ();\nCREATE TABLE c ();' });
    expect(at.tables).toEqual(['a', 'c']);
    expect(at.report.failed).toMatchObject([{ line: 2, sqlstate: '42601', kept: [2, 3] }]);
  });

  test('keeps what its own COMMIT settled, and does nothing twice', async () => {
    await using at = await applied({
      '1_a.sql':
        'BEGIN;\nCREATE TABLE a (x int);\nINSERT INTO a VALUES (1);\nCOMMIT;\nBEGIN;\nSELECT 1/0;\nCREATE TABLE b ();\nCOMMIT;',
    });
    expect(at.tables).toEqual(['a', 'b']);
    expect(await column(at.admin, 'SELECT count(*)::int FROM a')).toEqual([1]);
    expect(at.report.failed).toMatchObject([{ line: 6, kept: [3, 4] }]);
  });

  test('is named by those that miss what it would have made', async () => {
    await using at = await applied({
      '1_a.sql': 'CREATE TABLE a (x nope);',
      '2_b.sql': 'ALTER TABLE a ADD COLUMN y int;',
      '3_c.sql': 'CREATE INDEX ON a (y);',
      '4_d.sql': 'SELECT * FROM elsewhere;',
    });
    expect(at.report.failed.map(({ file, follows }) => [file, follows])).toEqual([
      ['1_a.sql', null],
      ['2_b.sql', '1_a.sql'],
      ['3_c.sql', '1_a.sql'],
      ['4_d.sql', null],
    ]);
  });
});

describe('seed files', () => {
  test('apply after the migrations, as config.toml orders them', async () => {
    await using at = await applied({
      'config.toml': '[db.seed]\nsql_paths = ["./seeds/b.sql", "./seeds/*.sql"]',
      'migrations/1_a.sql': 'CREATE TABLE a (x text);',
      'seeds/a.sql': "INSERT INTO a VALUES ('a');",
      'seeds/b.sql': "INSERT INTO a VALUES ('b');",
      'seed.sql': "INSERT INTO a VALUES ('not named');",
    });
    expect(await column(at.admin, 'SELECT x FROM a ORDER BY ctid')).toEqual(['b', 'a']);
  });

  test('that fail are reported, and the project stands', async () => {
    await using at = await applied({
      'migrations/1_a.sql': 'CREATE TABLE a (x int);',
      'seed.sql': 'INSERT INTO a VALUES (1);\nINSERT INTO b VALUES (2);',
    });
    expect(at.report).toMatchObject({ applied: ['1'], failed: [{ file: 'seed.sql', line: 2, kept: [1, 2] }] });
    expect(await column(at.admin, 'SELECT x FROM a')).toEqual([1]);
  });
});

test('a seed file with rows by the thousand is left out, and that is said', async () => {
  await using at = await applied({
    'config.toml': '[db.seed]\nsql_paths = ["few.sql", "many.sql"]',
    'migrations/1_a.sql': 'CREATE TABLE a AS SELECT generate_series(1, 2000) AS x;',
    'few.sql': 'INSERT INTO a SELECT generate_series(2001, 3000);',
    'many.sql': 'INSERT INTO a SELECT generate_series(1, 1001);',
  });
  expect(at.report).toMatchObject({ failed: [], notes: ['many.sql adds more than 1000 rows, and was left out.'] });
  expect(await column(at.admin, 'SELECT count(*)::int FROM a')).toEqual([3000]);
});

describe('extensions that the server has not', () => {
  const files = {
    '1_vector.sql': `CREATE EXTENSION vector WITH SCHEMA extensions VERSION '0.8.0';
      CREATE TABLE chunks (id int, embedding vector(3));
      CREATE INDEX near ON chunks USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 64);
      DROP INDEX near;`,
    '2_cron.sql': "CREATE EXTENSION pg_cron; SELECT cron.schedule('tidy', '* * * * *', 'SELECT 1');",
  };

  test('are stood in for and named, or else reported as absent while the rest applies', async () => {
    await using at = await applied(files, 'supabase');
    if (at.standIns.has('vector')) {
      expect(at.report).toMatchObject({ applied: ['1', '2'], failed: [], stubs: ['pg_cron', 'vector'] });
      await at.admin.query('ALTER EXTENSION vector SET SCHEMA public');
      await at.admin.query("INSERT INTO chunks VALUES (1, '[1,0,0]'), (2, '[0,1,0]')");
      expect(await column(at.admin, "SELECT id FROM chunks ORDER BY embedding <=> '[0,2,0]'")).toEqual([2, 1]);
    } else {
      expect(at.report.stubs).toEqual([]);
    }
  });

  test('that nobody knows are noted, and what is in the same file applies', async () => {
    await using at = await applied({ '1_a.sql': 'CREATE EXTENSION "no-such-thing"; CREATE TABLE a ();' });
    expect(at.report.notes).toEqual(['The server has no extension no-such-thing, nor a stand-in for it.']);
    expect(at.tables).toEqual(['a']);
  });

  test('a job that nobody scheduled cannot be taken off', async () => {
    await using at = await applied(
      { '1_cron.sql': "CREATE EXTENSION pg_cron; SELECT cron.unschedule('none');" },
      'supabase',
    );
    expect(at.report.failed).toMatchObject([{ file: '1_cron.sql' }]);
  });
});
