/** Runs the program `rowproof` as people do: typed in the folder of a project, on the server of this run. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inject, onTestFinished } from 'vitest';

const root = join(import.meta.dirname, '../..');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A project of its own for the running test. */
export async function folderWith(migrations: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'rowproof-typed-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'migrations'));
  for (const [name, sql] of Object.entries(migrations)) await writeFile(join(folder, 'migrations', name), sql);
  return folder;
}

/** Starts it; what it leaves behind would be named in `state` of the folder. */
export function start(
  folder: string,
  words: readonly string[],
  env: NodeJS.ProcessEnv = borrowedServer(),
): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  return started([join(root, 'scripts/rowproof.js'), ...words], folder, { ...stateIn(folder), ...env });
}

/** Starts tests of this project; what they write and leave behind goes to the folder. */
export function startTests(folder: string, words: readonly string[]): ReturnType<typeof start> {
  const env = { ...stateIn(folder), ...borrowedServer(), ROWPROOF_REPORTS: join(folder, 'reports/out') };
  return started([join(root, 'scripts/test.ts'), ...words], root, env);
}

function stateIn(folder: string): NodeJS.ProcessEnv {
  return { ROWPROOF_STATE_DIR: join(folder, 'state') };
}

function started(words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): ReturnType<typeof start> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, words, {
    cwd,
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const read = Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { child, ended: read.then(([out, err, code]) => ({ code, out, err })) };
}

/** On this run's own server, which spares a boot. */
export function borrowedServer(): NodeJS.ProcessEnv {
  const { host, port, admin, maintenanceDatabase } = inject('server');
  const user = `${encodeURIComponent(admin.user)}:${encodeURIComponent(admin.password)}`;
  return {
    ROWPROOF_SERVER: 'external',
    ROWPROOF_DATABASE_URL: `postgres://${user}@${host}:${port}/${maintenanceDatabase}`,
    ROWPROOF_ALLOW_REMOTE: host,
  };
}
