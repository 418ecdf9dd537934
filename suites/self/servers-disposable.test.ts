/** A server of one's own: it stops and starts at its address, has a disk that fills up, and is gone when its owner is. */

import { existsSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, inject, onTestFinished, test } from 'vitest';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { bootDisposable } from '../../fixtures/servers/disposable.ts';
import { read } from '../../fixtures/servers/ledger.ts';
import { processesIn } from '../../fixtures/servers/leftover-folders.ts';
import { mountDisk } from '../../fixtures/servers/small-disk.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { embedded, list, silent, startOtherRun, withEngine } from './servers-support.ts';

const patience = { timeout: 20_000 };
/** Where nothing can be mounted the machine says so. */
const noDisk = /^a small disk /;
const mounted = async (path: string) => (await readFile('/proc/self/mounts', 'utf8')).includes(path);

async function ask(access: ServerAccess, sql: string): Promise<readonly string[]> {
  await using session = await openSession(access, { database: 'postgres', as: 'admin' });
  return await list(session, sql);
}

/** The embedded one, and a container where the run's own server is one. */
const kinds = [...new Set([inject('server').kind, 'embedded' as const])].filter((kind) => kind !== 'external');

test.each(kinds)(
  '%s: it stops and starts at the same address; what was committed is there, also after a crash',
  async (kind) => {
    await using server = await bootDisposable({ kind, env: withEngine(), say: silent });
    expect(server.access.kind).toBe(kind);
    const { access, control } = server;
    await ask(access, 'CREATE TABLE written (n int)');
    for (const mode of ['fast', 'immediate'] as const) {
      await ask(access, 'INSERT INTO written SELECT count(*) FROM written');
      await control.stop(mode);
      await control.stop(mode);
      // The engine answers for a container's port, and hangs up.
      const refusal = kind === 'container' ? {} : { code: 'ECONNREFUSED' };
      await expect(ask(access, 'SELECT 1')).rejects.toMatchObject(refusal);
      await control.start();
      await control.start();
    }
    expect(await ask(access, 'SELECT n FROM written ORDER BY n')).toEqual(['0', '1']);
    expect(await ask(access, 'SHOW max_connections')).toEqual([kind === 'embedded' ? '100' : '200']);
  },
);

test('it ends while it is stopped, too, and leaves no process, folder or mount', async () => {
  const server = await bootDisposable({ kind: 'embedded', env: embedded(), say: silent });
  const folders = await foldersOf(server.access);
  const disk = await server.control.disk(1024 ** 2);
  await server.control.stop('immediate');
  await server.stop();
  expect(folders.filter(existsSync)).toEqual([]);
  expect((await Promise.all(folders.map(processesIn))).flat()).toEqual([]);
  if (typeof disk === 'string') expect(disk).toMatch(noDisk);
  else expect(await mounted(disk.folder)).toBe(false);
});

test('a small disk holds so much and no more, and is gone when it is disposed of', async () => {
  await using server = await bootDisposable({ kind: 'embedded', env: embedded(), say: silent });
  const disk = await server.control.disk(1024 ** 2);
  if (typeof disk === 'string') return expect(disk).toMatch(noDisk);
  await disk.fill();
  expect((await stat(join(disk.folder, 'filler'))).size).toBe(1024 ** 2);
  await disk.clear();
  expect(await readdir(disk.folder)).toEqual([]);
  await disk[Symbol.asyncDispose]();
  expect([existsSync(disk.folder), await mounted(disk.folder)]).toEqual([false, false]);
});

test('after kill -9 of its owner the watchdog unmounts the disk and removes the folder', async () => {
  const env = embedded();
  const other = await startOtherRun(env);
  const data = (await foldersOf(other.access)).at(-1) ?? '';
  const disk = await mountDisk(join(data, 'disk-1'), 1024 ** 2, null);
  if (typeof disk === 'string') expect(disk).toMatch(noDisk);
  else onTestFinished(() => disk[Symbol.asyncDispose]());
  await other.kill();
  await expect.poll(() => readdir(env['ROWPROOF_STATE_DIR'] ?? ''), patience).toEqual([]);
  expect([existsSync(data), await processesIn(data), await mounted(data)]).toEqual([false, [], false]);
});

/** Folders that the ledger of a live run names. */
async function foldersOf({ ledger }: ServerAccess): Promise<readonly string[]> {
  const { resources } = await read(ledger ?? '');
  return resources.flatMap((resource) => (resource.kind === 'folder' ? [resource.path] : []));
}
