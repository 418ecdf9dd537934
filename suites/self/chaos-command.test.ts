/** `rowproof chaos`, run as people run it: its verdict, its reports and its sentences. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test, vi } from 'vitest';
import type { ChaosFile } from '../../reports/chaos.ts';
import schema from '../../reports/chaos_report.schema.json' with { type: 'json' };
import { NOTES, OWN_NOTES } from '../plants.ts';
import { type Ended, folderWith, start } from './typed.ts';

// Each of these migrates, learns what clients can do, breaks it, and stops.
vi.setConfig({ testTimeout: 180_000 });

const OUT = 'reports/out';
const PROJECT = { '1_notes.sql': NOTES + OWN_NOTES };

interface Swept extends Ended {
  readonly file: ChaosFile;
}

async function run(folder: string, ...words: readonly string[]): Promise<Swept> {
  const ended = await start(folder, ['chaos', '.', ...words]).ended;
  const written = await readFile(join(folder, OUT, 'chaos_report.json'), 'utf8').catch(() => '{}');
  return { ...ended, file: JSON.parse(written) };
}

test('what holds ends with 0: the matrix, a file that fits its schema, and JUnit with a test for each act', async () => {
  const folder = await folderWith(PROJECT);
  const { code, out, file } = await run(folder, '--only', 'commit × down');
  expect(out).toMatch(/^Sweep {2}\d cells \(seed 1: /);
  expect(out).toMatch(/^ {2}down +\d$/m);
  expect(out).toMatch(/^Held: (\d) of \1 cells held, 0 cannot occur$/m);
  expect(code).toBe(0);
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  expect(file.sweep?.acts.map(({ name }) => name)).toEqual([
    'DELETE public.notes',
    'INSERT public.notes',
    'UPDATE public.notes',
  ]);
  const junit = await readFile(join(folder, OUT, 'chaos-junit.xml'), 'utf8');
  expect(junit).toContain('INSERT public.notes is done once or not at all, whatever strikes');
  expect((await readdir(join(folder, OUT))).toSorted()).toEqual(['chaos-junit.xml', 'chaos_report.json']);
});

test('--quiet says the verdict alone', async () => {
  const { code, out, err } = await run(await folderWith(PROJECT), '--only', 'noop × INSERT', '--quiet');
  expect(out).toMatch(/^Held: \d of \d cells held, 0 cannot occur\n$/);
  expect(err).toBe('');
  expect(code).toBe(0);
});

test.for([
  [['--colour'], 'There is no option `--colour`.'],
  [['elsewhere', '.'], 'is one folder too many.'],
  [['elsewhere'], 'There is no folder'],
  [['.', '--seed', 'x'], '--seed is `x`, which is not a seed.'],
  [['.', '--full=no'], '--full takes no value.'],
  [['.', '--out', 'migrations/1.sql'], 'Reports cannot be written to'],
  [['.', '--only', 'moonlight'], 'No act, fault or moment is called `moonlight`.'],
  [[], 'No project was named.'],
] as const)('%j is told in a sentence, with exit code 2', async ([words, sentence]) => {
  const folder = await folderWith({ '1.sql': NOTES + OWN_NOTES });
  const { code, out, err } = await start(folder, ['chaos', ...words]).ended;
  expect(err).toContain(sentence);
  expect(err).toContain('\nFix: ');
  expect(err).not.toContain('    at ');
  expect(out).toBe('');
  expect(code).toBe(2);
});

test('a project in which clients can do nothing is no pass', async () => {
  const { code, out } = await run(await folderWith({ '1.sql': 'CREATE TABLE public.empty (id int);' }));
  expect(out).toContain('Could not be judged: ');
  expect(code).toBe(2);
});
