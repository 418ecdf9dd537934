/** PostgreSQL through the fault proxy: for each fault and stream what the client sees, what is stored, and when the backend ends. */

import { afterAll, beforeAll, beforeEach, describe, expect, inject, onTestFinished, test } from 'vitest';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';
import { type Api, openApi, portOf, staysFor } from './proxy-scene.ts';

const access = inject('server');
let database: ScratchDatabase;
let api: Api;
let listen: string;

beforeAll(async () => {
  database = await scratchDatabase(access, 'plain');
  await database.admin.script('CREATE TABLE written (mark text PRIMARY KEY)');
});
afterAll(() => database[Symbol.asyncDispose]());
beforeEach(async () => {
  api = await openApi();
  const upstream = `${access.host}:${access.port}`;
  ({ listen } = (await api('POST', '/proxies', { name: 'pg', listen: '127.0.0.1:0', upstream })).json);
});

type Seen = 'CUT' | 'RST' | 'HANG' | 'ok';

interface Fault {
  readonly name: string;
  readonly toxic: Readonly<Record<string, unknown>>;
  readonly atStartup: RegExp | null;
  readonly seen: Seen;
}

const CUT = /Connection terminated unexpectedly/;
const faults: readonly Fault[] = [
  { name: 'timeout 0', toxic: { type: 'timeout' }, atStartup: /timeout expired/, seen: 'HANG' },
  { name: 'bandwidth 0', toxic: { type: 'bandwidth' }, atStartup: /timeout expired/, seen: 'HANG' },
  { name: 'timeout T', toxic: { type: 'timeout', attributes: { timeout: 150 } }, atStartup: CUT, seen: 'CUT' },
  { name: 'limit_data', toxic: { type: 'limit_data', attributes: { bytes: 3 } }, atStartup: CUT, seen: 'CUT' },
  { name: 'reset_peer', toxic: { type: 'reset_peer' }, atStartup: /ECONNRESET/, seen: 'RST' },
  { name: 'latency', toxic: { type: 'latency', attributes: { latency: 20 } }, atStartup: null, seen: 'ok' },
  { name: 'slicer', toxic: { type: 'slicer', attributes: { average_size: 5 } }, atStartup: null, seen: 'ok' },
  { name: 'slow_close', toxic: { type: 'slow_close', attributes: { delay: 50 } }, atStartup: null, seen: 'ok' },
];
const cells = faults.flatMap((fault) => (['upstream', 'downstream'] as const).map((stream) => ({ ...fault, stream })));

const addToxic = (toxic: object) => api('POST', '/proxies/pg/toxics', { name: 'fault', ...toxic });
const disable = () => api('POST', '/proxies/pg', { enabled: false });

/** A session through the proxy, under a name by which its backend is found. */
function open(name: string): Promise<Session> {
  const through = { ...access, host: '127.0.0.1', port: portOf(listen) };
  const options = { database: database.name, as: 'admin', applicationName: name, connectTimeout: 1_000 } as const;
  return openSession(through, options);
}

/** Works, then the fault strikes: one that marks sockets must be there from the start. */
async function armed({ toxic, stream, name }: (typeof cells)[number], before: string): Promise<Session> {
  const isReset = toxic['type'] === 'reset_peer';
  if (isReset) await addToxic({ ...toxic, stream, toxicity: 0 });
  const session = await open(`proxy ${name} ${stream}`);
  onTestFinished(() => void session.close().catch(() => undefined));
  if (before) await session.script(before);
  if (isReset) await api('POST', '/proxies/pg/toxics/fault', { toxicity: 1 });
  else await addToxic({ ...toxic, stream });
  return session;
}

async function fate(work: Promise<unknown>, bound: number): Promise<Seen> {
  const settled = work.then(
    () => 'ok' as const,
    (error: unknown) =>
      /ECONNRESET/.test(String(error)) ? ('RST' as const) : CUT.test(String(error)) ? 'CUT' : 'HANG',
  );
  return (await staysFor(bound, settled)) ? 'HANG' : await settled;
}

async function backends(name: string): Promise<readonly unknown[]> {
  const { rows } = await database.admin.query('SELECT state FROM pg_stat_activity WHERE application_name = $1', [name]);
  return rows.map(({ state }) => state);
}

const isGone = (name: string) => expect.poll(() => backends(name), { timeout: 10_000 }).toEqual([]);

async function isWritten(mark: string): Promise<boolean> {
  const { rows } = await database.admin.query('SELECT FROM written WHERE mark = $1', [mark]);
  return rows.length > 0;
}

describe.each(cells)('$name $stream', (cell) => {
  const { name, stream, seen, toxic, atStartup } = cell;
  const application = `proxy ${name} ${stream}`;
  const isDone = seen === 'ok' || stream === 'downstream';

  test(`in start-up: ${atStartup?.source ?? 'slow, ok'}`, async () => {
    await addToxic({ ...toxic, stream });
    if (atStartup) return await expect(open(application)).rejects.toThrow(atStartup);
    const session = await open(application);
    await session.close();
  });

  test(`a statement on its own: ${seen}, and it is ${isDone ? 'present' : 'absent'} once the backend is gone`, async () => {
    const mark = `${application} alone`;
    const session = await armed(cell, '');
    expect(await fate(session.script(`INSERT INTO written VALUES ('${mark}')`), 1_000)).toBe(seen);
    if (seen === 'HANG') expect(await backends(application)).toEqual(['idle']);
    if (seen === 'HANG') await disable();
    if (seen === 'ok') await session.close();
    await isGone(application);
    expect(await isWritten(mark)).toBe(isDone);
  });

  test(`COMMIT: ${seen}, and it is ${isDone ? 'present' : 'absent'} once the backend is gone`, async () => {
    const mark = `${application} commit`;
    const session = await armed(cell, `BEGIN; INSERT INTO written VALUES ('${mark}')`);
    expect(await fate(session.script('COMMIT'), 1_000)).toBe(seen);
    if (seen === 'HANG') expect(await backends(application)).toEqual([isDone ? 'idle' : 'idle in transaction']);
    if (seen === 'HANG') await disable();
    if (seen === 'ok') await session.close();
    await isGone(application);
    expect(await isWritten(mark)).toBe(isDone);
  });
});

test('disabled before: connecting is refused, and an idle session is cut', async () => {
  const session = await open('proxy disabled');
  await disable();
  await isGone('proxy disabled');
  await expect(session.script("INSERT INTO written VALUES ('disabled')")).rejects.toThrow(/queryable|terminated/);
  await expect(open('proxy disabled')).rejects.toThrow('ECONNREFUSED');
  expect(await isWritten('disabled')).toBe(false);
});

describe('Healing before one looks', () => {
  test.for(['reset', 'removal'])(
    '%s of an upstream latency releases the held COMMIT, which commits, even after the client is gone',
    async (how) => {
      const mark = `healed by ${how}`;
      const session = await open(mark);
      await session.script(`BEGIN; INSERT INTO written VALUES ('${mark}')`);
      await addToxic({ type: 'latency', stream: 'upstream', attributes: { latency: 600_000 } });
      const lost = session.script('COMMIT').catch((error: unknown) => error);
      expect(await staysFor(100, lost)).toBe(true);
      expect(await isWritten(mark)).toBe(false);
      if (how === 'reset') await api('POST', '/reset');
      else await api('DELETE', '/proxies/pg/toxics/fault');
      await lost;
      expect(await isWritten(mark)).toBe(true);
      await session.close();
    },
  );

  test('a held latency commits by itself in time; disabling discards it', async () => {
    for (const mark of ['in time', 'discarded']) {
      await api('POST', '/reset');
      const session = await open(mark);
      await session.script(`BEGIN; INSERT INTO written VALUES ('${mark}')`);
      await addToxic({ type: 'latency', stream: 'upstream', attributes: { latency: 300 } });
      const commit = session.script('COMMIT').catch((error: unknown) => error);
      if (mark === 'discarded') await disable();
      await commit;
      if (mark === 'in time') await session.close();
      await isGone(mark);
      expect(await isWritten(mark)).toBe(mark === 'in time');
    }
  });

  test.for([
    ['bandwidth', true],
    ['timeout', false],
  ] as const)('under upstream %s 0 the end of the client waits: %s', async ([type, waits]) => {
    const name = `ends ${type}`;
    const session = await open(name);
    await session.script('BEGIN; LOCK TABLE written');
    await addToxic({ type, stream: 'upstream' });
    const ended = session.close().catch((error: unknown) => error);
    if (waits) {
      expect(await staysFor(300, ended)).toBe(true);
      expect(await backends(name)).toEqual(['idle in transaction']);
      await disable();
    }
    await isGone(name);
  });

  test('a COMMIT that is cut while it works is absent after the error, and present once the backend is gone', async () => {
    const gate = 4_711;
    await database.admin.script(`
      CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_advisory_xact_lock(${gate}); RETURN NULL; END';
      CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON written DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION wait_at_gate();
      SELECT pg_advisory_lock(${gate})`);
    const session = await open('cut at work');
    await session.script("BEGIN; INSERT INTO written VALUES ('cut at work')");
    await addToxic({ type: 'timeout', attributes: { timeout: 100 } });
    await expect(session.script('COMMIT')).rejects.toThrow(CUT);
    await disable();
    expect(await backends('cut at work')).toEqual(['active']);
    expect(await isWritten('cut at work')).toBe(false);
    await database.admin.script(`SELECT pg_advisory_unlock(${gate}); DROP TRIGGER gate ON written`);
    await isGone('cut at work');
    expect(await isWritten('cut at work')).toBe(true);
  });
});
