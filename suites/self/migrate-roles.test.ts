/** Roles belong to the whole server: migrations change only those of a run. */

import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { migrate } from '../../fixtures/migrate/migrate.ts';
import { findProject } from '../../fixtures/migrate/project.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { column, onServer, scratchDatabase, scratchFolder } from './migrate-scratch.ts';

const suffix = randomBytes(4).toString('hex');
const theirs = `their_role_${suffix}`;
const other = `their_other_${suffix}`;
const ours = `app_user_${suffix}`;
const server = (): ServerAccess => inject('server');
const external = (): ServerAccess => ({ ...server(), kind: 'external' });

// Created while no migration runs, so that none takes them for its own.
beforeAll(async () => {
  await using turn = await openSession(server(), { database: server().maintenanceDatabase, as: 'admin' });
  await turn.query("SELECT pg_advisory_lock(hashtextextended('rowproof migrations', 0))");
  await turn.script(`CREATE ROLE ${theirs}; CREATE ROLE ${other};`);
});
afterAll(async () => {
  for (const role of [theirs, other, ours]) await onServer(server(), `DROP ROLE IF EXISTS ${ident(role)}`);
});

async function attempt(sql: string, access: ServerAccess) {
  await using folder = await scratchFolder({ '1_roles.sql': sql });
  await using database = await scratchDatabase(server(), 'plain');
  const report = await migrate(database.admin, await findProject(folder.path), { access }).catch(
    (error: unknown) => error,
  );
  return {
    report,
    tables: await column(database.admin, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"),
  };
}

describe('on an external server', () => {
  test.each([
    ['an attribute', `ALTER ROLE ${theirs} CREATEDB;`],
    ['an attribute, in a body', `DO $$ BEGIN EXECUTE 'ALTER ROLE ${theirs} BYPASSRLS'; END $$;`],
    ['a password', `DO $$ BEGIN EXECUTE 'ALTER ROLE ${theirs} PASSWORD ''x'''; END $$;`],
    ['a setting', `DO $$ BEGIN EXECUTE 'ALTER ROLE ${theirs} SET statement_timeout = 1'; END $$;`],
    ['a membership', `GRANT ${other} TO ${theirs};`],
    ['its existence', `DO $$ BEGIN EXECUTE 'DROP ROLE ${theirs}'; END $$;`],
    ['its name', `ALTER ROLE ${theirs} RENAME TO gone_${suffix};`],
    [
      'an attribute, in a transaction of the file',
      `BEGIN; SELECT 1; COMMIT; BEGIN; ALTER ROLE ${theirs} CREATEDB; COMMIT;`,
    ],
    [
      'an attribute, beside what no transaction allows',
      `VACUUM; DO $$ BEGIN EXECUTE 'ALTER ROLE ${theirs} CREATEDB'; END $$;`,
    ],
  ])('a file that changes %s of a role that was there is refused and leaves nothing', async (_, sql) => {
    const { report, tables } = await attempt(`CREATE TABLE kept (); DROP TABLE kept;\n${sql}`, external());
    expect(report).toMatchObject({ name: 'CannotRun', message: expect.stringContaining(theirs) });
    expect(tables).toEqual([]);
    const state = await onServer(
      server(),
      `SELECT rolcreatedb, rolbypassrls, rolpassword IS NULL AS open FROM pg_authid WHERE rolname = '${theirs}'`,
    );
    expect(state).toEqual([{ rolcreatedb: false, rolbypassrls: false, open: true }]);
  });

  test('a file that changes the server or another database is refused', async () => {
    for (const sql of [
      "ALTER SYSTEM SET work_mem = '5MB';",
      'CREATE DATABASE stray;',
      `ALTER DATABASE ${ident(server().maintenanceDatabase)} SET work_mem = '5MB';`,
    ]) {
      expect((await attempt(sql, external())).report).toMatchObject({
        name: 'CannotRun',
        message: expect.stringMatching(/whole server|database /),
      });
    }
  });

  test('roles of the project itself are its own, and memberships with them', async () => {
    const sql = `CREATE ROLE ${ours} NOLOGIN; GRANT ${ours} TO CURRENT_USER; ALTER ROLE ${ours} SET statement_timeout = '5s'; CREATE TABLE t (); GRANT SELECT ON t TO ${ours}, ${theirs};`;
    expect((await attempt(sql, external())).report).toMatchObject({ applied: ['1'] });
    // The second database of a run finds the role of the first; a role that is used elsewhere outlives a DROP.
    expect((await attempt(sql, external())).report).toMatchObject({ applied: ['1'] });
    expect((await attempt(`DROP ROLE IF EXISTS ${ours};\n${sql}`, external())).report).toMatchObject({
      applied: ['1'],
    });
  });
});

describe('on a server of ours', () => {
  test('a file may do to roles what it likes', async () => {
    expect((await attempt(`ALTER ROLE ${other} NOCREATEDB; CREATE TABLE t ();`, server())).report).toMatchObject({
      applied: ['1'],
    });
  });

  test('a role that is made twice by the project is its own fault', async () => {
    const twice = `twice_${suffix}`;
    expect((await attempt(`CREATE ROLE ${twice};\nCREATE ROLE ${twice};`, server())).report).toMatchObject({
      cause: { line: 2, sqlstate: '42710' },
    });
  });
});
