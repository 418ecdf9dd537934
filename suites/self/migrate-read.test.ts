/** Files are read and split as PostgreSQL would, and what cannot be read says why. */

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readScript } from '../../fixtures/migrate/read.ts';
import { lineAt, split } from '../../fixtures/migrate/split.ts';
import { scratchFolder } from './migrate-scratch.ts';

async function read(content: string | Buffer) {
  await using folder = await scratchFolder({ 'a.sql': content });
  return await readScript(join(folder.path, 'a.sql'));
}

async function statements(content: string | Buffer) {
  const script = await read(content);
  if (script.state !== 'ready') throw new Error(script.message);
  return script.statements.map(({ sql, offset }) => [sql, lineAt(script.text, offset)]);
}

describe('splitting', () => {
  test('statements begin at their first token, in lines of the file, whatever bytes stand before', async () => {
    expect(await statements("-- ünï 🙂\nSELECT 'é🙂';\n/* a /* nested */ ; */\n\n  SELECT 2; ;\nSELECT 3")).toEqual([
      ["SELECT 'é🙂'", 2],
      ['SELECT 2', 5],
      ['SELECT 3', 6],
    ]);
  });

  test('dollar quotes, E-strings and BEGIN ATOMIC hold their semicolons', async () => {
    const text =
      "DO $a$ BEGIN; $a$;\nSELECT E'\\';';\nCREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END;";
    expect((await statements(text)).map(([, line]) => line)).toEqual([1, 2, 3]);
  });

  test('a file of comments has no statement', async () => {
    expect(await statements('-- nothing\n/* at all */')).toEqual([]);
  });

  test('a file of nothing has no statement', () => {
    expect(split('')).toEqual({ state: 'split', statements: [] });
  });

  test('where the grammar gives up counts characters, not bytes', () => {
    const text = "SELECT 'ééé🙂';\nSELEC 1;";
    expect(split(text)).toMatchObject({ state: 'refused', offset: text.indexOf('SELEC 1') });
  });
});

describe('reading', () => {
  test('a byte-order mark is no part of the SQL', async () => {
    expect(await statements('\uFEFFSELECT 1;')).toEqual([['SELECT 1', 1]]);
  });

  test('UTF-16 is read in both byte orders', async () => {
    const little = Buffer.from("\uFEFFSELECT 'ü';", 'utf16le');
    expect(await statements(little)).toEqual([["SELECT 'ü'", 1]]);
    expect(await statements(Buffer.from(little).swap16())).toEqual([["SELECT 'ü'", 1]]);
  });

  test.each([
    ['a NUL byte', "SELECT 1;\nSELECT '\0';", 2, 'NUL'],
    ['bytes that are no UTF-8', Buffer.from([0x53, 0xff, 0x41]), 1, 'UTF-8'],
    ['a git-crypt blob', Buffer.from('\0GITCRYPT\0xyz'), 1, 'git-crypt'],
    ['a pointer of Git LFS', 'version https://git-lfs.github.com/spec/v1\noid sha256:0\n', 1, 'LFS'],
  ])('%s is named', async (_, content, line, word) => {
    expect(await read(content)).toMatchObject({
      state: 'unusable',
      sqlstate: '22021',
      line,
      message: expect.stringContaining(word),
    });
  });

  test('a syntax error names its line', async () => {
    expect(await read('SELECT 1;\n\nCREATE TABEL t (id int);')).toMatchObject({
      state: 'unusable',
      sqlstate: '42601',
      line: 3,
      statement: 'CREATE TABEL t (id int);',
    });
  });

  test('rows for COPY FROM stdin become one INSERT, and the lines after them keep their numbers', async () => {
    const script = await read('COPY t (a, b) FROM stdin;\n1\tx\\ty\n2\t\\N\n\\.\nSELECT 7;');
    expect(script.state === 'ready' && script.statements.map(({ sql }) => sql)).toEqual([
      "INSERT INTO t (a, b) OVERRIDING SYSTEM VALUE VALUES ('1', 'x\ty'), ('2', NULL)",
      'SELECT 7',
    ]);
    expect(script.state === 'ready' && lineAt(script.text, script.statements[1]?.offset ?? 0)).toBe(5);
  });

  test('COPY in another format, and a variable that is no name, are explained', async () => {
    expect(await read('COPY t FROM stdin CSV;\n1,x\n\\.\n')).toMatchObject({
      state: 'unusable',
      hint: expect.stringContaining('INSERT'),
    });
    expect(await read('GRANT SELECT ON t TO :visitor;')).toMatchObject({
      state: 'unusable',
      hint: expect.stringContaining('variable'),
    });
  });

  test('placeholders of a runner are read as names', async () => {
    expect(await read('GRANT USAGE ON SCHEMA a TO :DATABASE_VISITOR;')).toMatchObject({
      state: 'ready',
      text: 'GRANT USAGE ON SCHEMA a TO database_visitor;',
      placeholders: ['database_visitor'],
    });
    expect(await read("SELECT 'a:DATABASE_X', b::int, x[1:2], '{\"a\":NULL_X}';")).toMatchObject({ placeholders: [] });
  });

  test('a statement that the grammar refuses leaves the others usable', async () => {
    const script = await read(
      "SELECT $$ a; b $$;\nCREATE TABEL t (x text DEFAULT 'a;b');\n/* c; /* d; */ */ SELECT 2;",
    );
    expect(script).toMatchObject({ state: 'unusable', line: 2 });
    expect(script.state === 'unusable' && script.rest?.statements.map(({ sql }) => sql)).toEqual([
      'SELECT $$ a; b $$',
      'SELECT 2',
    ]);
  });

  test('lines of psql are left out with a note; a backslash inside a body is not one', async () => {
    const script = await read('\\restrict abc\nSELECT 1;\nSELECT $$\n\\unrestrict x\n$$;\n\\unrestrict abc\n');
    expect(script).toMatchObject({
      state: 'ready',
      notes: ["line 1: psql's \\restrict was left out", "line 6: psql's \\unrestrict was left out"],
    });
    expect(script.state === 'ready' && script.statements[1]?.sql).toContain('\\unrestrict x');
  });

  test.each([
    ['dbmate', '-- migrate:up\nSELECT 1;\n-- migrate:down\nSELECT 2;'],
    ['goose', '-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;'],
    ['sql-migrate, down first', '-- +migrate Down\nSELECT 2;\n-- +migrate Up\nSELECT 1;'],
  ])('the way back of %s is cut', async (_, text) => {
    expect((await statements(text)).map(([sql]) => sql)).toEqual(['SELECT 1']);
  });
});
