/** The embedded server: it boots, stops, stands beside others, and is removed when its owner was killed. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { read } from '../../fixtures/servers/ledger.ts';
import { processesIn } from '../../fixtures/servers/leftover-folders.ts';
import { sweep } from '../../fixtures/servers/sweep.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { embedded, environment, killWatchdogOf, list, refusal, silent, startOtherRun } from './servers-support.ts';

const ask = async (access: ServerAccess, sql: string) => {
  await using session = await openSession(access, { database: 'postgres', as: 'admin' });
  return await list(session, sql);
};

/** Folders that the ledger of a live run names. */
const foldersOf = async ({ ledger }: ServerAccess) =>
  (await read(ledger ?? '')).resources.flatMap((resource) => (resource.kind === 'folder' ? [resource.path] : []));

test('an embedded server of each major boots, says so, and its login role can do nothing by itself', async () => {
  for (const major of ['15', '17']) {
    const said: string[] = [];
    await using server = await bootServer({
      env: embedded({ ROWPROOF_PG_MAJOR: major }),
      say: (line) => said.push(line),
    });
    expect(said).toEqual([server.summary]);
    expect(server.summary).toMatch(new RegExp(`^PostgreSQL ${major}\\.\\d+, embedded \\(ROWPROOF_SERVER=embedded\\)$`));
    const attributes = 'rolsuper, rolbypassrls, rolinherit, rolcreatedb, rolcreaterole, rolreplication';
    expect(
      await ask(
        server.access,
        `SELECT concat_ws(',', ${attributes}) FROM pg_roles WHERE rolname = '${server.access.login.user}'`,
      ),
    ).toEqual(['f,f,f,f,f,f']);
    await using login = await openSession(server.access, { database: 'postgres', as: 'login' });
    expect(await list(login, 'SELECT session_user')).toEqual([`rowproof_${server.access.run}`]);
  }
});

test('the data lies in the folder that ROWPROOF_PG_DATA names', async () => {
  await using server = await bootServer({ env: embedded({ ROWPROOF_PG_DATA: tmpdir() }), say: silent });
  const [folder] = await ask(server.access, 'SHOW data_directory');
  expect(folder).toBe(join(tmpdir(), `rowproof-${server.access.run}`, 'data'));
  expect(await foldersOf(server.access)).toContain(dirname(folder ?? ''));
});

test('stop is idempotent and leaves no process, folder or ledger', async () => {
  const env = embedded();
  const server = await bootServer({ env, say: silent });
  const folders = await foldersOf(server.access);
  expect(folders.filter(existsSync)).toHaveLength(folders.length);
  await Promise.all([server.stop(), server.stop()]);
  await server.stop();
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
  expect(await readdir(env['ROWPROOF_STATE_DIR'] ?? '')).toEqual([]);
});

test('stop returns also when the server has been killed in mid-run', async () => {
  const server = await bootServer({ env: embedded(), say: silent });
  const folders = await foldersOf(server.access);
  for (const pid of (await Promise.all(folders.map(processesIn))).flat()) process.kill(pid, 'SIGKILL');
  await server.stop();
  expect(folders.filter(existsSync)).toEqual([]);
});

test('a crash of the server ends the run: replies that it cut off prove nothing', async () => {
  await using server = await bootServer({ env: embedded(), say: silent });
  await using waiting = await openSession(server.access, { database: 'postgres', as: 'admin' });
  await using victim = await openSession(server.access, { database: 'postgres', as: 'admin' });
  const cutOff = refusal(waiting.observe('SELECT pg_sleep(60)'));
  const killed = victim.query('SELECT pg_sleep(60)').catch((error: unknown) => error);
  process.kill(victim.processId, 'SIGKILL');
  expect(await killed).toBeInstanceOf(Error);
  expect((await cutOff).message).toContain('The PostgreSQL server crashed and restarted itself');
});

test('a server that is stopped ends the run, too: its last words are no answer to a statement', async () => {
  await using server = await bootServer({ env: embedded(), say: silent });
  await using waiting = await openSession(server.access, { database: 'postgres', as: 'admin' });
  await using other = await openSession(server.access, { database: 'postgres', as: 'admin' });
  const cutOff = refusal(waiting.observe('SELECT pg_sleep(60)'));
  await other.query('SELECT pg_terminate_backend($1)', [waiting.processId]);
  expect((await cutOff).message).toContain('The PostgreSQL server went away or ended the connection');
});

test('a boot that is interrupted ends with the reason and leaves nothing', async () => {
  const env = embedded();
  const interruption = new AbortController();
  const boot = bootServer({ env, say: silent, signal: interruption.signal });
  interruption.abort(new Error('interrupted'));
  await expect(boot).rejects.toThrow('interrupted');
  expect(await readdir(env['ROWPROOF_STATE_DIR'] ?? '')).toEqual([]);
});

test('two live runs with the same ledgers stand side by side: the sweep of one leaves the other alone', async () => {
  const env = embedded();
  const other = await startOtherRun(env);
  const said: string[] = [];
  await using mine = await bootServer({ env, say: (line) => said.push(line) });
  expect(await sweep({ env, say: (line) => said.push(line) })).toEqual([]);
  expect(said).toEqual([mine.summary]);
  expect(await ask(other.access, 'SELECT 1')).toEqual(['1']);
  expect(await ask(mine.access, 'SELECT 1')).toEqual(['1']);
  await other.kill();
});

test('the next start removes process, folder and ledger of a run that was killed together with its watchdog', async () => {
  const env = embedded();
  const other = await startOtherRun(env);
  const folders = await foldersOf(other.access);
  killWatchdogOf(other);
  await other.kill();
  expect(await ask(other.access, 'SELECT 1'), 'the server survives its owner').toEqual(['1']);
  const said: string[] = [];
  await using mine = await bootServer({ env, say: (line) => said.push(line) });
  expect(said[0]).toContain(`Removed what the killed run ${other.access.run} left`);
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
  expect(await readdir(env['ROWPROOF_STATE_DIR'] ?? '')).toEqual([`${mine.access.run}.json`]);
});

test('after kill -9 the watchdog removes everything without another start', async () => {
  const env = embedded();
  const other = await startOtherRun(env);
  const folders = await foldersOf(other.access);
  await other.kill();
  await expect.poll(() => readdir(env['ROWPROOF_STATE_DIR'] ?? ''), { timeout: 15_000 }).toEqual([]);
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
});

test('a port in use is refused with the variable that names it', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => void taken.listen(0, '127.0.0.1', resolve));
  const address = taken.address();
  const port = typeof address === 'object' && address !== null ? String(address.port) : '';
  const { message, fix } = await refusal(bootServer({ env: embedded({ ROWPROOF_PG_PORT: port }), say: silent }));
  expect(message).toBe(`Port ${port}, which ROWPROOF_PG_PORT names, is in use.`);
  expect(fix).toContain('ROWPROOF_PG_PORT');
  taken.close();
});

test.each([
  ['ROWPROOF_PG_MAJOR', '16'],
  ['ROWPROOF_PG_DATA', 'no-such-folder'],
  ['ROWPROOF_PG_PORT', 'many'],
  ['ROWPROOF_SERVER', 'mysql'],
])('%s=%s is refused by name', async (variable, value) => {
  const env = environment({ ROWPROOF_SERVER: 'embedded', [variable]: value });
  const { message, fix } = await refusal(bootServer({ env, say: silent }));
  expect(message).toContain(variable);
  expect(fix).toContain(variable);
});
