/** `rowproof chaos`, run as people run it: its verdict, its reports, and that nothing is left of it however it ends. */

import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, inject, test, vi } from 'vitest';
import { read } from '../../fixtures/servers/ledger.ts';
import { processesIn } from '../../fixtures/servers/leftover-folders.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import type { ChaosFile } from '../../reports/chaos.ts';
import schema from '../../reports/chaos_report.schema.json' with { type: 'json' };
import { NOTES, OWN_NOTES } from '../plants.ts';
import { list } from './servers-support.ts';
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

describe('Stopped in the middle', () => {
  /** Databases in which cells are being tried. */
  async function underway(): Promise<readonly string[]> {
    await using owner = await openSession(inject('server'), { database: 'postgres', as: 'admin' });
    return await list(owner, "SELECT datname FROM pg_stat_activity WHERE application_name LIKE 'chaos %'");
  }

  async function childOf(pid: number | undefined): Promise<number> {
    const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return Number(children.trim().split(' ')[0]);
  }

  async function foldersOf(state: string): Promise<readonly string[]> {
    const ledgers = (await readdir(state)).filter((name) => name.endsWith('.json'));
    const all = await Promise.all(ledgers.map((name) => read(join(state, name))));
    return all.flatMap(({ resources }) => resources.flatMap((one) => (one.kind === 'folder' ? [one.path] : [])));
  }

  test.for([
    ['SIGINT', 130],
    ['SIGTERM', 143],
    ['SIGKILL', 143],
  ] as const)('by %s it leaves no process, proxy, database, folder or mount', async ([signal, expected]) => {
    const folder = await folderWith(PROJECT);
    const state = join(folder, 'state');
    const before = await underway();
    const { child, ended } = start(folder, ['chaos', '.', '--full']);
    const mine = async () => (await underway()).filter((name) => !before.includes(name));
    await expect.poll(mine, { timeout: 120_000, interval: 50 }).not.toEqual([]);
    const databases = await mine();
    const folders = await foldersOf(state);
    // The program itself, not the one that found a Node for it.
    process.kill(signal === 'SIGKILL' ? await childOf(child.pid) : (child.pid ?? 0), signal);
    const { code, out, err } = await ended;
    expect(err).not.toContain('    at ');
    expect(out).toBe('');
    expect(code).toBe(expected);
    await expect.poll(() => readdir(state), { timeout: 30_000 }).toEqual([]);
    expect(folders.filter(existsSync)).toEqual([]);
    expect((await Promise.all([...folders, folder].map(processesIn))).flat()).toEqual([]);
    const mounts = await readFile('/proc/mounts', 'utf8');
    expect(folders.filter((path) => mounts.includes(path))).toEqual([]);
    await using owner = await openSession(inject('server'), { database: 'postgres', as: 'admin' });
    const left = await list(owner, 'SELECT datname FROM pg_database');
    expect(databases.filter((name) => left.includes(name))).toEqual([]);
    expect(await readdir(join(folder, OUT))).toEqual([]);
  });
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
