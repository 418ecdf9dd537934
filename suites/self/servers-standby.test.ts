/** A standby: it streams, falls behind, catches up and takes over, and is gone when its primary's owner is. */

import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { disable } from '../../chaos/faults/down.ts';
import { standbyLagging, standbyPromoted } from '../../chaos/faults/standby.ts';
import { openSwitchboard } from '../../chaos/line.ts';
import type { Server, ServerAccess } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { read } from '../../fixtures/servers/ledger.ts';
import { processesIn } from '../../fixtures/servers/leftover-folders.ts';
import { startStandby } from '../../fixtures/servers/standby.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { embedded, list, silent, startOtherRun } from './servers-support.ts';

let server: Server;
let primary: Session;
beforeAll(async () => {
  server = await bootServer({ env: embedded(), say: silent });
  primary = await sessionAt(server.access);
  await primary.query('CREATE TABLE written (n int)');
  await primary.query('SET synchronous_commit = on');
});
afterAll(async () => {
  await primary.close();
  await server.stop();
});

const patience = { timeout: 20_000 };
const sessionAt = (access: ServerAccess) => openSession(access, { database: 'postgres', as: 'admin' });
const shown = (session: Session) => list(session, 'SELECT n FROM written ORDER BY n');

async function standbyOf(access: ServerAccess) {
  const switchboard = await openSwitchboard({ access });
  const line = await switchboard.line(access, 'streaming');
  const standby = await startStandby(access, line.access);
  onTestFinished(async () => {
    await standby[Symbol.asyncDispose]();
    await switchboard[Symbol.asyncDispose]();
  });
  const session = await sessionAt(standby.access);
  onTestFinished(() => session.close());
  return { standby, line, session };
}

test('a standby shows what the primary has written, falls behind by a pause or a cut, and catches up', async () => {
  const { standby, line, session } = await standbyOf(server.access);
  await primary.query('TRUNCATE written');
  await primary.query('INSERT INTO written VALUES (1)');
  await expect.poll(() => shown(session), patience).toEqual(['1']);
  await expect.poll(() => standby.lag(), patience).toEqual({ bytes: 0, milliseconds: 0 });
  await expect(session.query('INSERT INTO written VALUES (7)')).rejects.toMatchObject({ code: '25006' });

  const resume = await standbyLagging.apply({ standby });
  await primary.query('INSERT INTO written VALUES (2)');
  expect(await shown(session)).toEqual(['1']);
  const behind = await standby.lag();
  expect(behind.bytes).toBeGreaterThan(0);
  expect(behind.milliseconds).toBeGreaterThan(0);
  await resume();
  await expect.poll(() => shown(session), patience).toEqual(['1', '2']);

  const heal = await disable(line);
  await primary.query('INSERT INTO written VALUES (3)');
  expect((await standby.lag()).bytes).toBeGreaterThan(0);
  expect(await shown(session)).toEqual(['1', '2']);
  await heal();
  await expect.poll(() => shown(session), patience).toEqual(['1', '2', '3']);
});

test('promoted it takes writes, and what had not arrived is lost', async () => {
  const { standby, line, session } = await standbyOf(server.access);
  await primary.query('TRUNCATE written');
  await primary.query('INSERT INTO written VALUES (1)');
  await expect.poll(() => standby.lag(), patience).toMatchObject({ bytes: 0 });
  await disable(line);
  await primary.query('INSERT INTO written VALUES (2)');
  await standbyPromoted.apply({ standby });
  await session.query('INSERT INTO written VALUES (3)');
  expect(await shown(session)).toEqual(['1', '3']);
  expect(await shown(primary)).toEqual(['1', '2']);
});

test('a standby that is ended leaves no process and no folder', async () => {
  const before = await foldersOf(server.access);
  const standby = await startStandby(server.access);
  const [folder = ''] = (await foldersOf(server.access)).filter((path) => !before.includes(path));
  expect(existsSync(folder)).toBe(true);
  expect(await processesIn(folder)).not.toEqual([]);
  await standby[Symbol.asyncDispose]();
  expect(existsSync(folder)).toBe(false);
  expect(await processesIn(folder)).toEqual([]);
});

test("after kill -9 of the primary's owner the watchdog removes the standby, too", async () => {
  const env = embedded();
  const other = await startOtherRun(env);
  const standby = await startStandby(other.access);
  onTestFinished(() => standby[Symbol.asyncDispose]());
  const folders = await foldersOf(other.access);
  await other.kill();
  await expect.poll(() => readdir(env['ROWPROOF_STATE_DIR'] ?? ''), patience).toEqual([]);
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
});

/** Folders that the ledger of a live run names. */
async function foldersOf({ ledger }: ServerAccess): Promise<readonly string[]> {
  const { resources } = await read(ledger ?? '');
  return resources.flatMap((resource) => (resource.kind === 'folder' ? [resource.path] : []));
}
