/** Chaos, stopped in the middle: no process, port of its proxy, database, folder, server or mount is left, whenever that happens. */

import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, readlink, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { isFree } from '../../fixtures/servers/free-port.ts';
import { read } from '../../fixtures/servers/ledger.ts';
import { processesIn } from '../../fixtures/servers/leftover-folders.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';
import { list } from './servers-support.ts';
import { folderWith, start, startTests } from './typed.ts';

// Each of these migrates, learns what clients can do, breaks it, and is stopped.
vi.setConfig({ testTimeout: 180_000 });

const OUT = 'reports/out';
const soon = { timeout: 30_000 };
const moment = { timeout: 120_000, interval: 20 };
const mounts = async () => await readFile('/proc/mounts', 'utf8');

/** Databases in which cells are being tried. */
async function underway(): Promise<readonly string[]> {
  await using owner = await openSession(inject('server'), { database: 'postgres', as: 'admin' });
  return await list(owner, "SELECT datname FROM pg_stat_activity WHERE application_name LIKE 'chaos %'");
}

async function databasesBut(those: readonly string[]): Promise<readonly string[]> {
  return (await underway()).filter((name) => !those.includes(name));
}

/** That are named in the ledgers, those of a server of its own too. */
async function foldersOf(state: string): Promise<readonly string[]> {
  const ledgers = (await readdir(state).catch(() => [])).filter((name) => name.endsWith('.json'));
  const all = await Promise.all(ledgers.map((name) => read(join(state, name))));
  return all.flatMap(({ resources }) => resources.flatMap((one) => (one.kind === 'folder' ? [one.path] : [])));
}

/** Where the process, or one below it, listens. */
async function portsOf(pid: number): Promise<readonly number[]> {
  const links = (await readdir(`/proc/${pid}/fd`)).map((fd) => readlink(`/proc/${pid}/fd/${fd}`).catch(() => ''));
  const sockets = new Set((await Promise.all(links)).map((link) => /^socket:\[(\d+)\]$/.exec(link)?.[1]));
  const [, ...lines] = (await readFile(`/proc/${pid}/net/tcp`, 'utf8')).trim().split('\n');
  const own = lines
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells[3] === '0A' && sockets.has(cells[9]));
  return own.map((cells) => Number.parseInt(cells[1]?.split(':')[1] ?? '', 16));
}

async function childOf(pid: number | undefined): Promise<number> {
  const children = await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8');
  return Number(children.trim().split(' ')[0]);
}

/** What there is of a run, by its ledgers. */
interface Whole {
  readonly state: string;
  readonly folders: readonly string[];
  readonly ports: readonly number[];
  readonly databases: readonly string[];
}

async function expectNothingOf({ state, folders, ports, databases }: Whole): Promise<void> {
  await expect.poll(() => readdir(state), soon).toEqual([]);
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all([...folders, state].map(processesIn))).flat()).toEqual([]);
  const mounted = await mounts();
  expect(folders.filter((path) => mounted.includes(path))).toEqual([]);
  expect(await Promise.all(ports.map(isFree))).toEqual(ports.map(() => true));
  await using owner = await openSession(inject('server'), { database: 'postgres', as: 'admin' });
  const left = await list(owner, 'SELECT datname FROM pg_database');
  expect(databases.filter((name) => left.includes(name))).toEqual([]);
}

/** What is going on, as far as it can be seen from outside. */
interface Going extends Pick<Whole, 'state'> {
  /** Databases that were there before. */
  readonly before: readonly string[];
}

const tried = async ({ before }: Going) => (await databasesBut(before)).length > 0;

/** Of all folders none has a process: the server is between stop and start. */
async function isStopped({ state }: Going): Promise<boolean> {
  return (await Promise.all((await foldersOf(state)).map(processesIn))).flat().length === 0;
}

async function isMounted({ state }: Going): Promise<boolean> {
  const mounted = await mounts();
  return (await foldersOf(state)).some((path) => mounted.includes(`${path}/`));
}

test.for([
  ...([
    ['while cells are tried', 'SIGINT', 130, [], tried],
    ['while cells are tried', 'SIGTERM', 143, [], tried],
    ['while cells are tried', 'SIGKILL', 143, [], tried],
    ['while a server of its own is stopped', 'SIGINT', 130, ['--only', 'restart-fast'], isStopped],
  ] as const),
  // Nobody else may mount a disk.
  ...(process.getuid?.() === 0
    ? ([['while a disk of its own is mounted', 'SIGKILL', 143, ['--only', 'disk-full'], isMounted]] as const)
    : []),
])('%s, by %s', async ([, signal, expected, words, isNow]) => {
  const folder = await folderWith({ '1_notes.sql': NOTES + OWN_NOTES });
  const going = { state: join(folder, 'state'), before: await underway() };
  const { child, ended } = start(folder, ['chaos', '.', '--full', ...words]);
  await said(child, /trying cells/);
  await expect.poll(() => isNow(going), moment).toBe(true);
  const pid = await childOf(child.pid);
  const folders = await foldersOf(going.state);
  const whole = { state: going.state, folders, ports: await portsOf(pid), databases: await databasesBut(going.before) };
  expect(whole.ports.length).toBeGreaterThan(0);
  // The program itself, not the one that found a Node for it.
  process.kill(signal === 'SIGKILL' ? pid : (child.pid ?? 0), signal);
  const { code, out, err } = await ended;
  expect(err).not.toContain('    at ');
  expect(out).toBe('');
  expect(code).toBe(expected);
  await expectNothingOf(whole);
  expect(await readdir(join(folder, OUT))).toEqual([]);
});

test.for([
  ['SIGINT', 130],
  ['SIGKILL', null],
] as const)('its tests, by %s while their own server is at work', async ([signal, expected]) => {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-stopped-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const state = join(folder, 'state');
  const { child, ended } = startTests(folder, ['chaos', 'sweep-memory']);
  const isBooted = async () => (await foldersOf(state)).length > 0 && !(await isStopped({ state, before: [] }));
  await expect.poll(isBooted, moment).toBe(true);
  const folders = await foldersOf(state);
  child.kill(signal);
  expect((await ended).code).toBe(expected);
  await expectNothingOf({ state, folders, ports: [], databases: [] });
});

function said(child: ChildProcess, what: RegExp): Promise<void> {
  return new Promise((resolve) => {
    child.stderr?.on('data', (chunk: Buffer) => {
      if (what.test(chunk.toString())) resolve();
    });
  });
}
