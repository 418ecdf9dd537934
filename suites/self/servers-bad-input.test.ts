/** Bad input of a server: each ends with one clear sentence that names the fix and holds no password. */

import { createServer, type Server as NetServer } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Server } from '../../fixtures/model/server.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { explainLog } from '../../fixtures/servers/explain-log.ts';
import { inspectServer } from '../../fixtures/servers/inspect-server.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { embedded, environment, list, refusal, silent, urlOf } from './servers-support.ts';

const PASSWORD = 'p\'a%"s s';
/** Stands at its beginning however the rest is encoded. */
const TRACE = "p'a";

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

/** Boots on an external URL that must be refused; the refusal and all that was said hold no password. */
async function refused(url: string, more: NodeJS.ProcessEnv = {}): Promise<string> {
  const said: string[] = [];
  const env = environment({ ROWPROOF_DATABASE_URL: url, ...more });
  const error = await refusal(bootServer({ env, say: (line) => said.push(line) }));
  const everything = [error.message, error.fix, String(error.cause), JSON.stringify(error.cause), ...said].join('\n');
  expect(everything).not.toContain(TRACE);
  expect(said).toEqual([]);
  return `${error.message} ${error.fix}`;
}

const user = (name: string, sql: string) => owner.query(`CREATE ROLE ${name} LOGIN PASSWORD 'p''a%"s s' ${sql}`);
const urlFor = (name: string, password = PASSWORD) => urlOf(theirs.access, { user: name, password });

test.each(['db.example.com', '10.0.0.7', '127.0.0.1.example.com', '[2001:db8::1]', '0.0.0.0'])(
  'the remote host %s is refused',
  async (host) => {
    const text = await refused(`postgresql://me:${encodeURIComponent(PASSWORD)}@${host}:5432/postgres`);
    expect(text).toContain('is not on this machine');
    expect(text).toContain(`ROWPROOF_ALLOW_REMOTE=${host.replace(/[[\]]/g, '')}`);
  },
);

test('a remote host is refused when another one is confirmed, also one hidden in a parameter', async () => {
  const url = `postgresql://me:x@127.0.0.1/postgres?host=db.example.com`;
  expect(await refused(url, { ROWPROOF_ALLOW_REMOTE: 'example.com' })).toContain(
    'The server db.example.com is not on this machine',
  );
});

test('a remote host that is confirmed by its exact name is tried', async () => {
  const url = `postgresql://me:${encodeURIComponent(PASSWORD)}@nowhere.invalid/postgres`;
  expect(await refused(url, { ROWPROOF_ALLOW_REMOTE: 'nowhere.invalid' })).toContain('cannot be found by its name');
});

test('a wrong password, with quotes and %, is one sentence', async () => {
  await user('locked', '');
  expect(await refused(urlFor('locked', 'wrong \'"%'))).toMatch(
    /^The PostgreSQL server 127\.0\.0\.1:\d+ refuses the password \(user locked\)\. Correct the password in ROWPROOF_DATABASE_URL/,
  );
  await owner.query('DROP ROLE locked');
});

test('a URL whose % is not percent-encoded is refused with the way to write it', async () => {
  const text = await refused(`postgresql://me:${PASSWORD}@127.0.0.1:1/postgres`);
  expect(text).toContain('The password in ROWPROOF_DATABASE_URL holds a %');
  expect(text).toContain('%25');
});

test.each([
  `me:${PASSWORD}@127.0.0.1/postgres`,
  `mysql://me:${PASSWORD}@127.0.0.1/x`,
  `postgresql://me:${PASSWORD}/x@127.0.0.1/x`,
  `postgresql://me:${PASSWORD}@127.0.0.1:99999/x`,
  `postgresql://me:x@${TRACE}/0rd@127.0.0.1/x`,
  `postgresql://me:x@${TRACE}?y@127.0.0.1/x`,
])('a URL that cannot be read is refused without being shown (%#)', async (url) => {
  expect(await refused(url)).toContain('ROWPROOF_DATABASE_URL is not a connection URL that can be read');
});

test('an unreachable server is refused', async () => {
  expect(await refused(`postgresql://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/postgres`)).toContain(
    'nothing listens there',
  );
});

test('a port where no PostgreSQL answers is refused', async () => {
  const other: NetServer = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
  await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
  const address = other.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  expect(await refused(`postgresql://me:x@127.0.0.1:${port}/postgres`)).toMatch(
    /does not answer as a PostgreSQL|closed the connection/,
  );
  other.close();
});

test('a server without room ends the run, whatever asked; the same SQLSTATE raised by a project is a reply', async () => {
  const all = 'SELECT pg_advisory_xact_lock(1, i) FROM generate_series(1, 400000) AS i';
  for (const ask of [owner.query, owner.script, owner.observe]) {
    const error = await refusal(ask(all));
    expect(`${error.name}: ${error.message}`).toMatch(/^CannotRun: The PostgreSQL server has run out of memory, or of/);
  }
  const quota = "DO $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$";
  expect((await owner.observe(quota)).error?.sqlstate).toBe('53100');
});

test('a read-only server is refused', async () => {
  await user('reader', 'CREATEDB CREATEROLE');
  await owner.query('ALTER ROLE reader SET default_transaction_read_only = on');
  expect(await refused(urlFor('reader'))).toContain('The server is read-only');
  await owner.query('DROP ROLE reader');
});

test.each([
  ['', 'CREATEDB and CREATEROLE'],
  ['CREATEDB', 'CREATEROLE'],
  ['CREATEROLE', 'CREATEDB'],
])('a user with "%s" alone is told to get %s', async (has, lacks) => {
  await user('poor', has);
  expect(await refused(urlFor('poor'))).toContain(`The database user poor lacks ${lacks}, which`);
  expect(await list(owner, "SELECT rolname FROM pg_roles WHERE rolname ~ '^rowproof_'")).toEqual([
    theirs.access.login.user,
  ]);
  await owner.query('DROP ROLE poor');
});

const facts = {
  version: '17.10',
  versionNumber: 170010,
  user: 'me',
  superuser: true,
  createDb: true,
  createRole: true,
  standby: false,
  readOnly: false,
};

test.each([
  [{ version: '14.20', versionNumber: 140020 }, 'The server is PostgreSQL 14.20; Rowproof needs 15 or newer.'],
  [{ standby: true, readOnly: true }, 'The server is a standby, where nothing can be written.'],
])('a server with %j is refused', async (unfit, sentence) => {
  // Such a server cannot be had from npm: what it would say is said for it.
  const session = { query: async () => ({ rows: [{ ...facts, ...unfit }] }) } as unknown as Session;
  expect((await refusal(inspectServer(session))).message).toBe(sentence);
});

test.each([
  ['initdb: error: could not write to file "x": No space left on device', 'The disk is full', 'TMPDIR'],
  [
    'initdb: error: could not create directory "x": Read-only file system',
    'The temporary folder is read-only',
    'TMPDIR',
  ],
  [
    'postgres: error while loading shared libraries: libpq.so.5: cannot open shared object file',
    'A library of the embedded PostgreSQL is missing',
    'npm rebuild',
  ],
  ['LOG:  starting\nFATAL:  could not bind: Address already in use\n', 'The port is in use', 'ROWPROOF_PG_PORT'],
])('the embedded server explains "%s"', (log, sentence, fix) => {
  const error = explainLog('/x/bin/initdb', 1, log);
  expect(error.message).toMatch(new RegExp(`^${sentence}, so the embedded PostgreSQL \\(initdb\\) did not start: `));
  expect(error.fix).toContain(fix);
});

test('a kind that is forced never falls back', async () => {
  expect(
    (await refusal(bootServer({ env: environment({ ROWPROOF_SERVER: 'container' }), say: silent }))).message,
  ).toContain('ROWPROOF_SERVER=container cannot be had');
  expect(
    (await refusal(bootServer({ env: environment({ ROWPROOF_SERVER: 'external' }), say: silent }))).message,
  ).toContain('none is given');
});

test('DATABASE_URL alone is ignored with one line, and counts beside ROWPROOF_SERVER=external', async () => {
  const said: string[] = [];
  const url = `postgresql://me:${encodeURIComponent(PASSWORD)}@127.0.0.1:1/postgres`;
  await using server = await bootServer({ env: environment({ DATABASE_URL: url }), say: (line) => said.push(line) });
  expect(server.access.kind).toBe('embedded');
  expect(said[0]).toMatch(/^DATABASE_URL is ignored/);
  expect(said).toEqual([said[0], server.summary]);
  const forced = environment({ DATABASE_URL: url, ROWPROOF_SERVER: 'external' });
  expect((await refusal(bootServer({ env: forced, say: silent }))).fix).toContain('DATABASE_URL');
});
