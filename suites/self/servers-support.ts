/** What the tests of the servers share: an environment of their own, and a run in another process to kill. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { Session } from '../../fixtures/wire/session.ts';

/** Everything a file of tests leaves on disk; removed after its own hooks. */
const root = mkdtempSync(join(tmpdir(), 'rowproof-test-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** An environment without a server, a Docker engine or ledgers but those given. */
export function environment(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(ROWPROOF_|DOCKER_|DATABASE_URL$|PG)/.test(name));
  const state = mkdtempSync(join(root, 'state-'));
  return { ...Object.fromEntries(kept), DOCKER_HOST: 'tcp://127.0.0.1:1', ROWPROOF_STATE_DIR: state, ...more };
}

export const embedded = (more: NodeJS.ProcessEnv = {}) => environment({ ROWPROOF_SERVER: 'embedded', ...more });

/** The same with the engine that the run itself may have. */
export function withEngine(): NodeJS.ProcessEnv {
  const { DOCKER_HOST, ROWPROOF_PG_IMAGE } = process.env;
  return environment({ ...(DOCKER_HOST ? { DOCKER_HOST } : {}), ...(ROWPROOF_PG_IMAGE ? { ROWPROOF_PG_IMAGE } : {}) });
}

/** The URL of a server for a user of it. */
export function urlOf(access: ServerAccess, { user, password } = access.admin): string {
  return `postgresql://${encodeURIComponent(user)}:${encodeURIComponent(password)}@${access.host}:${access.port}/postgres`;
}

export interface OtherRun {
  readonly process: ChildProcess;
  readonly access: ServerAccess;
  /** Resolves when it is gone. */
  kill(): Promise<void>;
}

/** A run in a process of its own, which boots and then waits for ever. */
export async function startOtherRun(env: NodeJS.ProcessEnv): Promise<OtherRun> {
  const program = fileURLToPath(new URL('servers-holder.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: child.stdout }), 'line');
  const kill = async () => {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  };
  return { process: child, access: JSON.parse(String(line)) as ServerAccess, kill };
}

/** Kills the watchdog of a run, so that its leftovers are left for the next start. */
export function killWatchdogOf(run: OtherRun): void {
  const isDog = (pid: string) => {
    const parent = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1];
    return parent === String(run.process.pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('watchdog.ts');
  };
  const dog = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isDogIfThere(name, isDog));
  if (dog === undefined) throw new Error('the run has no watchdog');
  process.kill(Number(dog), 'SIGKILL');
}

function isDogIfThere(pid: string, isDog: (pid: string) => boolean): boolean {
  try {
    return isDog(pid);
  } catch {
    // The process ended while we looked at it.
    return false;
  }
}

/** What the promise is rejected with; fails when that is no CannotRun. */
export async function refusal(promise: Promise<unknown>): Promise<CannotRun> {
  const error = await promise.then(
    () => new Error('it was not refused'),
    (reason: unknown) => reason,
  );
  if (error instanceof CannotRun) return error;
  throw error;
}

/** One column of a query. */
export async function list(session: Session, sql: string): Promise<readonly string[]> {
  const { rows, fields } = await session.query(sql);
  return rows.map((row) => String(row[fields[0] ?? '']));
}

export const silent = () => undefined;
