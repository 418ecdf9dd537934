/** `npm run mutate`, run as people run it: its verdict, its reports, and what it does when it is stopped. */

import { execFileSync } from 'node:child_process';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test, vi } from 'vitest';
import schema from '../../reports/mutation.schema.json' with { type: 'json' };
import type { MutationFile } from '../../reports/mutation.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';
import { type Ended, folderWith, start } from './typed.ts';

// Each of these boots, migrates, mutates and stops, some of them several times.
vi.setConfig({ testTimeout: 180_000 });

const TWICE = `CREATE POLICY "own again" ON public.notes AS RESTRICTIVE FOR SELECT TO authenticated
  USING (owner_id = auth.uid());`;
// Nobody writes that much.
const SHORT = 'ALTER TABLE public.notes ADD CONSTRAINT short CHECK (length(body) < 1000000);';
const TAGS = `CREATE TABLE public.tags (id uuid PRIMARY KEY, owner_id uuid NOT NULL REFERENCES auth.users (id), label text);
ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own tags" ON public.tags TO authenticated USING (owner_id = auth.uid());`;
const PROJECT = { '1_notes.sql': NOTES + OWN_NOTES, '2_twice.sql': TWICE + SHORT };
const OUT = 'reports/out';

interface Mutated extends Ended {
  readonly file: MutationFile;
}

async function run(folder: string, ...words: readonly string[]): Promise<Mutated> {
  return await whole(folder, start(folder, ['mutate', '.', ...words]).ended);
}

async function whole(folder: string, ended: Promise<Ended>): Promise<Mutated> {
  return { ...(await ended), file: JSON.parse(await report(folder, 'mutation.json')) };
}

async function report(folder: string, name: string): Promise<string> {
  return await readFile(join(folder, OUT, name), 'utf8').catch(() => '{}');
}

const withoutRun = ({ run: _, ...rest }: MutationFile) => JSON.stringify(rest);

test('what survives ends with 1: the score in the first line, its place, its difference, and a file that fits its schema', async () => {
  const folder = await folderWith(PROJECT);
  const { code, out, file } = await run(folder, '--only', '-dropped ');
  expect(code).toBe(1);
  expect(out.split('\n')[0]).toMatch(
    /: \d+(\.\d)?% of the mutants killed \(\d+ of \d+\); \d+ survived at \d guards?, /,
  );
  expect(out).toContain('UNWATCHED constraint public.notes "short"');
  expect(out).toContain('\n    - ALTER TABLE public.notes ADD CONSTRAINT short CHECK (length(body) < 1000000)\n');
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  expect(await report(folder, 'mutation-junit.xml')).toContain('1 of 1 mutant survived: constraint-dropped');
  expect((await readdir(join(folder, OUT))).toSorted()).toEqual(['mutation-junit.xml', 'mutation.json']);
});

test('where nothing survives it ends with 0, and says so in one line', async () => {
  const folder = await folderWith({ '1_notes.sql': NOTES + OWN_NOTES });
  const { code, out } = await run(folder, '--only', 'policy-dropped policy', '--quiet');
  expect(out).toMatch(/: 100% of the mutants killed \(1 of 1\); none survived, 0 equivalent, 0 invalid/);
  expect(out.trim().split('\n')).toHaveLength(1);
  expect(code).toBe(0);
});

describe('Stopped in the middle', () => {
  const words = ['mutate', '.', '--only', 'policy'];
  const own = { ROWPROOF_SERVER: 'embedded' };

  /** Once some mutants have met their fate. */
  async function stopped(folder: string, signal: NodeJS.Signals): Promise<Ended> {
    const { child, ended } = start(folder, words, own);
    const known = async () => (await report(folder, 'mutation-journal.jsonl')).split('\n').length;
    await expect.poll(known, { timeout: 90_000, interval: 20 }).toBeGreaterThan(3);
    child.kill(signal);
    return await ended;
  }

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('by %s it ends with %i, and leaves nothing but what it knows', async ([signal, expected]) => {
    const folder = await folderWith(PROJECT);
    const { code, out, err } = await stopped(folder, signal);
    expect(err).toContain(`${signal}: stopping everything that was started …`);
    expect(err).not.toContain('    at ');
    expect(out).toBe('');
    expect(code).toBe(expected);
    expect(await readdir(join(folder, 'state'))).toEqual([]);
    expect(await readdir(join(folder, OUT))).toEqual(['mutation-journal.jsonl']);
  });

  test('it comes to the same report in the end as a run that was not, with any number of workers', async () => {
    const folder = await folderWith(PROJECT);
    await stopped(folder, 'SIGINT');
    const resumed = await whole(folder, start(folder, words, own).ended);
    expect(resumed.out).toMatch(/^\d+ of \d+ known from an interrupted run;/m);
    expect(resumed.file.run.resumed).toBeGreaterThan(0);
    expect(await readdir(join(folder, OUT))).not.toContain('mutation-journal.jsonl');
    const anew = await whole(folder, start(folder, words, { ...own, ROWPROOF_WORKERS: '1' }).ended);
    expect(anew.file.run.resumed).toBe(0);
    expect(withoutRun(resumed.file)).toBe(withoutRun(anew.file));
  });
});

test('who watches what is shown without another run until something changes, and a check tells what nobody watches', async () => {
  const folder = await folderWith({ '1_notes.sql': NOTES + OWN_NOTES });
  const check = async () => {
    const { out } = await start(folder, ['check', '.']).ended;
    const { run: _, ...rest } = JSON.parse(await report(folder, 'findings.json'));
    return { line: out.split('\n').find((line) => line.startsWith('Guards: ')), file: JSON.stringify(rest) };
  };
  const before = await check();
  expect(before.line).toBe('Guards: not measured (rowproof mutate .)');
  await run(folder, '--quiet');
  const map = await start(folder, ['mutate', '.', '--map']).ended;
  expect(map.err).toBe('');
  expect(map.out).toMatch(/^Guards: \d+ of \d+ watched/);
  expect(map.out).toMatch(/^ {2}policy public\.notes "own notes" +(flows|[a-z]+-[a-z-]+)/m);
  const after = await check();
  expect(after.line).toMatch(/^Guards: \d+ of \d+ watched/);
  expect(after.file).toBe(before.file);
  await writeFile(join(folder, 'migrations/2_more.sql'), 'SELECT 1;');
  expect((await check()).line).toBe(before.line);
});

test('--since takes what differs from a git ref: what is new, and what stands on a table that changed', async () => {
  const folder = await folderWith({ '1_notes.sql': NOTES + OWN_NOTES, '2_tags.sql': TAGS });
  const git = (...words: readonly string[]) =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=a', '-c', 'user.email=a@b.c', ...words]);
  git('init', '-q', '-b', 'main');
  git('add', 'migrations');
  git('commit', '-q', '-m', 'one');
  const same = await run(folder, '--since', 'main');
  expect(same.out.split('\n')[0]).toContain(': no guard differs from main');
  expect(same.code).toBe(0);
  await writeFile(join(folder, 'migrations/3_twice.sql'), TWICE);
  const { file } = await run(folder, '--since', 'main', '--only', 'policy-dropped');
  expect(file.mutants.map(({ key }) => key)).toEqual([
    'policy-dropped policy public.notes "own again"',
    'policy-dropped policy public.notes "own notes"',
  ]);
});

test('--operators lists each with what it does', async () => {
  const { code, out } = await start(await folderWith({}), ['mutate', '--operators']).ended;
  expect(out).toMatch(/^policy-dropped +A policy is dropped/m);
  expect(code).toBe(0);
});

test('of migrations that do not apply, the rest is mutated and the failure shown', async () => {
  const folder = await folderWith({ ...PROJECT, '3_broken.sql': 'SELECT 1;\nCREATE TABEL public.x (id int);' });
  const { out, file } = await run(folder, '--only', 'policy-dropped');
  expect(file.failedMigrations).toEqual([expect.stringContaining('migrations/3_broken.sql line 2: syntax error')]);
  expect(out).toContain('Failed migrations');
  expect(file.score.killed).toBeGreaterThan(0);
});

test.for([
  [['--colour'], 'There is no option `--colour`.'],
  [['elsewhere', '.'], 'is one folder too many.'],
  [['elsewhere'], 'There is no folder'],
  [['.', '--seed', 'x'], '--seed is `x`, which is not a seed.'],
  [['.', '--platform', 'x'], 'There is no platform `x`.'],
  [['.', '--out', 'migrations/1.sql'], 'Reports cannot be written to'],
  [['.', '--only', 'nothing at all'], "No mutant's key holds `nothing at all`."],
  [['.', '--since', 'main'], 'is in no git repository.'],
  [['.', '--tests'], 'so no test of '],
  [[], 'No project was named.'],
] as const)('%j is told in a sentence, with exit code 2', async ([words, sentence]) => {
  const folder = await folderWith({ '1.sql': NOTES + OWN_NOTES });
  const { code, out, err } = await start(folder, ['mutate', ...words]).ended;
  expect(err).toContain(sentence);
  expect(err).toContain('\nFix: ');
  expect(err).not.toContain('    at ');
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('a project of which nothing applies is no pass', async () => {
  const folder = await folderWith({ '1.sql': 'CREATE TABEL public.x (id int);' });
  const { code, err } = await start(folder, ['mutate', '.']).ended;
  expect(err).toContain('so nothing was examined; 1 of 1 failed, the first: migrations/1.sql line 1: syntax error');
  expect(code).toBe(2);
});
