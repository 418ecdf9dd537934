/** A server that somebody else runs: Rowproof uses what is there as it is, and takes away only what it made. */

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Server } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { read } from '../../fixtures/servers/ledger.ts';
import { adoptCreatedRoles, ensureRoles, grantToLogin, roleNames } from '../../fixtures/servers/roles.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import {
  embedded,
  environment,
  killWatchdogOf,
  list,
  refusal,
  silent,
  startOtherRun,
  urlOf,
} from './servers-support.ts';

/** Stands for the server of somebody else. */
let theirs: Server;
let owner: Session;

beforeAll(async () => {
  theirs = await bootServer({ env: embedded(), say: silent });
  owner = await openSession(theirs.access, { database: 'postgres', as: 'admin' });
});
afterAll(async () => {
  await owner?.close();
  await theirs?.stop();
});
beforeEach(async () => {
  expect(await databases(), 'the test before left a database').toEqual(['postgres', 'template0', 'template1']);
});

const external = (more: NodeJS.ProcessEnv = {}) =>
  environment({ ROWPROOF_SERVER: 'external', ROWPROOF_DATABASE_URL: urlOf(theirs.access), ...more });
const boot = (env: NodeJS.ProcessEnv) => bootServer({ env, say: silent });
const adminOf = ({ access }: Pick<Server, 'access'>) => openSession(access, { database: 'postgres', as: 'admin' });
const databases = () => list(owner, 'SELECT datname FROM pg_database ORDER BY datname');
/** Every role but those of PostgreSQL and the login role of the server's own boot, with all that could be altered. */
const roles = () =>
  list(
    owner,
    `SELECT concat_ws(' ', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolpassword,
      shobj_description(oid, 'pg_authid'), ARRAY(SELECT roleid::regrole FROM pg_auth_members WHERE member = oid))
    FROM pg_authid
    WHERE rolname !~ '^pg_' AND rolname <> '${theirs.access.login.user}'
    ORDER BY rolname`,
  );

const SUPABASE = [
  { name: 'anon', inherit: false },
  { name: 'authenticated', inherit: false },
  { name: 'service_role', inherit: false, bypassRls: true },
  { name: 'authenticator', login: true, inherit: false, memberOf: ['anon', 'authenticated', 'service_role'] },
] as const;

test('existing roles stay as they are; created roles and databases go with the run', async () => {
  await owner.script("CREATE ROLE anon NOLOGIN PASSWORD 'x'; COMMENT ON ROLE anon IS 'mine'");
  const before = await roles();
  const server = await boot(external());
  {
    await using admin = await adminOf(server);
    expect(await ensureRoles(admin, server.access, SUPABASE)).toEqual([
      'authenticated',
      'service_role',
      'authenticator',
    ]);
    expect(await ensureRoles(admin, server.access, SUPABASE)).toEqual([]);
    for (const { name } of SUPABASE) await grantToLogin(admin, server.access, name);
    await admin.query(`CREATE DATABASE rowproof_${server.access.run}_one`);
    await using probe = await openSession(server.access, {
      database: `rowproof_${server.access.run}_one`,
      as: 'login',
    });
    await probe.script('SET ROLE service_role; CREATE TEMPORARY TABLE kept ();');
    await server.stop();
  }
  expect(await roles()).toEqual(before);
  expect(await databases()).toEqual(['postgres', 'template0', 'template1']);
  await owner.query('DROP ROLE anon');
});

test('the login role inherits nothing from the roles it may become', async () => {
  await using server = await boot(external());
  await using admin = await adminOf(server);
  await ensureRoles(admin, server.access, SUPABASE);
  await grantToLogin(admin, server.access, 'service_role');
  await admin.script(`CREATE DATABASE rowproof_${server.access.run}_two`);
  const database = `rowproof_${server.access.run}_two`;
  await using inside = await openSession(server.access, { database, as: 'admin' });
  await inside.script('CREATE TABLE kept (); GRANT SELECT ON kept TO service_role');
  await using login = await openSession(server.access, { database, as: 'login' });
  await expect(login.query('SELECT FROM kept')).rejects.toMatchObject({ code: '42501' });
  await login.script('SET ROLE service_role; SELECT FROM kept');
});

test('a created role stays while another live run uses it, and goes with the last one', async () => {
  const first = await boot(external());
  const second = await boot(external());
  const before = await roleNames(owner);
  for (const { access } of [first, second]) {
    await using admin = await adminOf({ access });
    await ensureRoles(admin, access, SUPABASE);
    await grantToLogin(admin, access, 'anon');
  }
  await first.stop();
  expect(await roleNames(owner)).toEqual(expect.arrayContaining(['anon', 'authenticator', second.access.login.user]));
  await using still = await openSession(second.access, { database: 'postgres', as: 'login' });
  await still.query('SET ROLE anon');
  await second.stop();
  const logins = [first.access.login.user, second.access.login.user];
  expect(await roleNames(owner)).toEqual(before.filter((name) => !logins.includes(name)));
});

test('roles that migrations created are recorded, and dropped with the run', async () => {
  const server = await boot(external());
  await using admin = await adminOf(server);
  const before = await roleNames(admin);
  await admin.script("CREATE ROLE app_user LOGIN; COMMENT ON ROLE app_user IS 'of the project'; CREATE ROLE app_group");
  expect(await adoptCreatedRoles(admin, server.access, before)).toEqual(
    expect.arrayContaining(['app_user', 'app_group']),
  );
  expect((await read(server.access.ledger ?? '')).resources).toMatchObject([
    { roles: expect.arrayContaining(['app_user', 'app_group']) },
  ]);
  // A migration that runs again replaces the comment, and with it the mark.
  await admin.query("COMMENT ON ROLE app_user IS 'of the project'");
  expect(await adoptCreatedRoles(admin, server.access, await roleNames(admin))).toEqual(['app_user']);
  await server.stop();
  expect(await roleNames(owner)).not.toEqual(expect.arrayContaining(['app_user']));
  expect(await roleNames(owner)).not.toEqual(expect.arrayContaining(['app_group']));
});

test.each([
  ['anon', 'CREATE ROLE anon SUPERUSER', 'is a superuser'],
  ['anon', 'CREATE ROLE anon BYPASSRLS', 'has BYPASSRLS'],
  ['authenticated', 'CREATE ROLE authenticated IN ROLE pg_read_all_data', 'is a member of pg_read_all_data'],
  ['service_role', 'CREATE ROLE service_role NOBYPASSRLS', 'has no BYPASSRLS'],
])('an existing role %s made by "%s" is refused by name and not altered', async (name, sql, flaw) => {
  await owner.query(sql);
  const before = await roles();
  const server = await boot(external());
  await using admin = await adminOf(server);
  const { message } = await refusal(ensureRoles(admin, server.access, SUPABASE));
  expect(message).toContain(`The role ${name} exists on this server and ${flaw}`);
  await server.stop();
  expect(await roles()).toEqual(before);
  await owner.query(`DROP ROLE ${name}`);
});

test('a role and a database of a killed run are removed by the next start on the same server, a live run keeps its own', async () => {
  const env = external();
  const killed = await startOtherRun(env);
  const live = await startOtherRun(env);
  for (const { access } of [killed, live]) {
    await using admin = await adminOf({ access });
    await ensureRoles(admin, access, SUPABASE);
    await admin.query(`CREATE DATABASE rowproof_${access.run}_left`);
  }
  killWatchdogOf(killed);
  await killed.kill();
  const mine = await boot(env);
  expect(await databases()).toEqual([`rowproof_${live.access.run}_left`, 'postgres', 'template0', 'template1'].sort());
  expect(await roleNames(owner)).not.toContain(killed.access.login.user);
  expect(await roleNames(owner)).toEqual(expect.arrayContaining([live.access.login.user, 'anon']));
  await mine.stop();
  killWatchdogOf(live);
  await live.kill();
  await (await boot(env)).stop();
  expect(await roleNames(owner)).not.toContain('anon');
});

test('after kill -9 the watchdog cleans the external server, too', async () => {
  const run = await startOtherRun(external());
  await owner.query(`CREATE DATABASE rowproof_${run.access.run}_left`);
  await run.kill();
  await expect.poll(databases, { timeout: 15_000 }).toEqual(['postgres', 'template0', 'template1']);
  await expect.poll(() => roleNames(owner), { timeout: 15_000 }).not.toContain(run.access.login.user);
});

test('a user with CREATEDB and CREATEROLE alone boots, and cleans up after sessions of the login role', async () => {
  await owner.query("CREATE ROLE plain LOGIN CREATEDB CREATEROLE PASSWORD 'p''a%\"s s'");
  const server = await boot(
    external({ ROWPROOF_DATABASE_URL: urlOf(theirs.access, { user: 'plain', password: 'p\'a%"s s' }) }),
  );
  expect(server.access.superuser).toBe(false);
  await using admin = await adminOf(server);
  await ensureRoles(admin, server.access, [{ name: 'anon' }, { name: 'web', login: true, memberOf: ['anon'] }]);
  await grantToLogin(admin, server.access, 'anon');
  await admin.query(`CREATE DATABASE rowproof_${server.access.run}_one`);
  await using login = await openSession(server.access, { database: `rowproof_${server.access.run}_one`, as: 'login' });
  await login.query('SET ROLE anon');
  const { message, fix } = await refusal(
    ensureRoles(admin, server.access, [{ name: 'service_role', bypassRls: true }]),
  );
  expect(message).toBe('The database user plain may not create the roles service_role.');
  expect(fix).toContain('superuser');
  await server.stop();
  expect(await roleNames(owner)).not.toContain('anon');
  await owner.query('DROP ROLE plain');
});
