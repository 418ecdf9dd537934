/** `npm run check` and what follows it, run as people run them. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test, vi } from 'vitest';
import schema from '../../reports/findings.schema.json' with { type: 'json' };
import type { FindingsFile } from '../../reports/findings.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';
import { type Ended, folderWith, start } from './typed.ts';

// Each of these boots, migrates, attacks and stops, some of them several times.
vi.setConfig({ testTimeout: 120_000 });

const PUBLISHED = 'CREATE TABLE public.news (id int PRIMARY KEY, body text NOT NULL);';
const READ_ALL =
  'CREATE POLICY "read any" ON public.notes FOR SELECT TO authenticated USING (length(body) > 0 OR owner_id IS NULL);';
const HOLED = { '1_notes.sql': `${NOTES}\n${OWN_NOTES}`, '2_more.sql': `SELECT 1;\n\n${READ_ALL}` };

interface Checked extends Ended {
  readonly file: FindingsFile;
}

async function run(folder: string, ...words: readonly string[]): Promise<Checked> {
  const ended = await start(folder, words).ended;
  const written = await readFile(join(folder, 'reports/out/findings.json'), 'utf8').catch(() => '{}');
  return { ...ended, file: JSON.parse(written) };
}

const withoutRun = ({ run: _, ...rest }: FindingsFile) => JSON.stringify(rest);

test('a hole: exit 1, the verdict in the first line, its place, its repair, and a file that fits its schema', async () => {
  const folder = await folderWith(HOLED);
  const { code, out, file } = await run(folder, 'check', '.');
  expect(code).toBe(1);
  expect(out.split('\n')[0]).toMatch(
    /: \d findings? \(1 critical(, \d low)?\), \d questions?, 0 unknown; 1\/1 tables populated/,
  );
  expect(out).toContain('policy public.notes "read any"  migrations/2_more.sql:3');
  expect(out).toContain('ALTER POLICY "read any" ON "public"."notes" USING ("owner_id" = (SELECT auth.uid()));');
  expect(out).toContain('rowproof replay read-foreign-row:select:public.notes');
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  expect(file.findings[0]).toMatchObject({
    key: 'read-foreign-row:select:public.notes',
    surface: { kind: 'relation', schema: 'public', name: 'notes', signature: null, verb: 'select' },
    source: { file: 'migrations/2_more.sql', line: 3 },
    reachable: 'http',
    door: null,
    triedAt: expect.stringMatching(/^(gateway|postgrest)$/),
    reachedBecause: 'a request shows the same',
  });
  expect(await readFile(join(folder, 'reports/out/junit.xml'), 'utf8')).toContain('SET LOCAL ROLE');
  expect(await readFile(join(folder, 'reports/out/witness/read-foreign-row_select_public.notes.sql'), 'utf8')).toBe(
    file.findings[0]?.witness,
  );
});

test('the same seed gives the same file but for the run, another seed the same keys', async () => {
  const folder = await folderWith(HOLED);
  const first = await run(folder, 'check', '.', '--quiet');
  const second = await run(folder, 'check', '.', '--quiet');
  const other = await run(folder, 'check', '.', '--quiet', '--seed', '4711');
  expect(withoutRun(second.file)).toBe(withoutRun(first.file));
  const keys = ({ file }: Checked) => file.findings.map(({ key }) => key);
  expect(keys(other)).toEqual(keys(first));
  expect(first.out.trim().split('\n')).toHaveLength(1);
});

test('a finding is replayed until it is repaired, and what is alike is named', async () => {
  const folder = await folderWith(HOLED);
  await run(folder, 'check', '.', '--quiet', '--only', 'read-foreign-row');
  const still = await run(folder, 'replay', 'read-foreign-row');
  expect(still.out).toContain('The witness still shows it.');
  expect(still.code).toBe(1);
  const near = await run(folder, 'replay', 'read-forein-row:select:public.notes');
  expect(near.err).toContain('Near it: read-foreign-row:select:public.notes');
  expect(near.code).toBe(2);
  await writeFile(join(folder, 'migrations/3_repair.sql'), 'DROP POLICY "read any" ON public.notes;');
  const gone = await run(folder, 'replay', 'read-foreign-row');
  expect(gone.out).toContain('The witness no longer shows it.');
  expect(gone.code).toBe(0);
});

test('a failing file is reported and the rest examined; only --strict makes it count', async () => {
  const folder = await folderWith({ ...HOLED, '2_more.sql': 'ALTER TABLE public.nowhere ADD COLUMN a int;' });
  const { code, out, file } = await run(folder, 'check', '.');
  expect(out.split('\n')[0]).toContain('1 migration failed');
  expect(file.migrations.failed).toMatchObject([{ file: 'migrations/2_more.sql', line: 1, sqlstate: '42P01' }]);
  expect(code).toBe(0);
  expect((await run(folder, 'check', '.', '--strict', '--quiet')).code).toBe(1);
});

test.for([
  [['check', '.', '--colour'], 'There is no option `--colour`.'],
  [['check'], 'No project was named.'],
  [['check', '.', '--seed', 'x'], '--seed is `x`, which is not a seed.'],
  [['check', '.', '--only', 'nothing'], 'There is no attack or group `nothing`.'],
  [['check', '.', '--fail-on', 'bad'], 'There is no severity `bad`.'],
  [['check', '.', '--to', '9'], 'The project has no migration 9.'],
  [['check', 'elsewhere'], 'There is no folder'],
  [['check', '.', '--out', 'migrations/1.sql'], 'Reports cannot be written to'],
  [['replay', 'x'], 'cannot be read (ENOENT).'],
  [['replay', 'x', '--from', 'migrations/1.sql'], 'is no JSON.'],
  [['doctor', '--colour'], 'There is no option `--colour`.'],
  [['new', 'attack', 'Bad'], '`Bad` is no id of an attack.'],
  [['chekc'], 'There is no command `chekc`.'],
] as const)('%j is told in a sentence, with exit code 2', async ([words, sentence]) => {
  const { code, out, err } = await run(await folderWith({ '1.sql': PUBLISHED }), ...words);
  expect(err).toContain(sentence);
  expect(err).toContain('\nFix: ');
  expect(err).not.toContain('    at ');
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('a project of which nothing applies is no pass, and its first fault is named', async () => {
  const folder = await folderWith({ '1.sql': 'CREATE TABEL public.x (id int);', '2.sql': 'SELECT * FROM public.x;' });
  for (const command of ['check', 'access']) {
    const { code, err } = await run(folder, command, '.');
    expect(err).toContain('so nothing was examined; 2 of 2 failed, the first: migrations/1.sql line 1: syntax error');
    expect(code).toBe(2);
  }
});

test('what comes of one policy that calls itself is counted as one cause', async () => {
  const crew = `CREATE POLICY crew ON public.notes TO authenticated
    USING (owner_id IN (SELECT n.owner_id FROM public.notes AS n WHERE n.id = notes.id));`;
  const below = `CREATE TABLE public.tags (id uuid PRIMARY KEY, note_id uuid NOT NULL REFERENCES public.notes (id), label text NOT NULL);
    ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;
    CREATE POLICY below ON public.tags TO authenticated USING (EXISTS (SELECT FROM public.notes AS n WHERE n.id = note_id));`;
  const { out, file } = await run(await folderWith({ '1.sql': NOTES + crew + below }), 'check', '.');
  expect(file.unknown.length).toBeGreaterThan(1);
  expect(out.split('\n')[0]).toContain(`${file.unknown.length} unknown, of one cause;`);
  expect(out).toContain('repair read-policy-recursion:select:public.notes first');
});

test('only a token without sub gets in: medium, and what is below --fail-on fails neither the run nor JUnit', async () => {
  const send = `CREATE FUNCTION public.jot(p_owner uuid, p_body text) RETURNS void SECURITY DEFINER SET search_path = '' LANGUAGE plpgsql
    AS $$ BEGIN IF p_owner <> auth.uid() THEN RAISE EXCEPTION 'no' USING ERRCODE = '42501'; END IF;
      INSERT INTO public.notes (owner_id, body) VALUES (p_owner, p_body); END $$;
    REVOKE EXECUTE ON FUNCTION public.jot(uuid, text) FROM PUBLIC, anon;`;
  const folder = await folderWith({ '1.sql': NOTES + OWN_NOTES + send });
  const { code, file } = await run(folder, 'check', '.', '--quiet', '--fail-on', 'high');
  expect(file.findings.filter(({ severity }) => severity !== 'low')).toMatchObject([
    { attack: 'rpc-null-uid-guard', severity: 'medium', persona: 'no-sub' },
  ]);
  const junit = await readFile(join(folder, 'reports/out/junit.xml'), 'utf8');
  expect(junit).not.toContain('<failure');
  expect(junit).toContain('<system-out>');
  expect(code).toBe(0);
});
