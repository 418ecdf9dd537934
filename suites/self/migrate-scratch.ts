/** Scratch projects and databases for the tests of the platform and of migrating. */

import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { applyPlatform } from '../../fixtures/platform/apply.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { openSession, type QueryResult, type Session } from '../../fixtures/wire/session.ts';

export interface ScratchFolder extends AsyncDisposable {
  readonly path: string;
}

/** A temporary folder with these files, by relative path. */
export async function scratchFolder(files: { readonly [path: string]: string | Buffer }): Promise<ScratchFolder> {
  const path = await mkdtemp(join(tmpdir(), 'rowproof-test-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}

export interface ScratchDatabase extends AsyncDisposable {
  readonly name: string;
  readonly admin: Session;
}

/** A database of its own with the platform applied; disposing drops it. */
export async function scratchDatabase(access: ServerAccess, platform: PlatformKind): Promise<ScratchDatabase> {
  const name = `rowproof_${access.run}_x${randomBytes(5).toString('hex')}`;
  await onServer(access, `CREATE DATABASE ${ident(name)} TEMPLATE template0 STRATEGY file_copy`);
  const admin = await openSession(access, { database: name, as: 'admin' });
  await applyPlatform(admin, access, platform);
  return {
    name,
    admin,
    [Symbol.asyncDispose]: async () => {
      await admin.close();
      await onServer(access, `DROP DATABASE ${ident(name)} WITH (FORCE)`);
    },
  };
}

/** Runs one statement in the maintenance database and gives its rows. */
export async function onServer(access: ServerAccess, sql: string): Promise<QueryResult['rows']> {
  await using session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
  return (await session.query(sql)).rows;
}

/** Rows of a query as arrays of its first column. */
export async function column(session: Session, sql: string): Promise<readonly unknown[]> {
  const { rows } = await session.query(sql);
  return rows.map((row) => Object.values(row)[0]);
}
