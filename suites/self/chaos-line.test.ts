/** A line goes through a fault proxy of the kind that the server has, and its faults strike what goes by it alone. */

import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { down } from '../../chaos/faults/down.ts';
import { openSwitchboard, type Switchboard } from '../../chaos/line.ts';
import { openSession } from '../../fixtures/wire/session.ts';

const access = inject('server');
const database = access.maintenanceDatabase;
let switchboard: Switchboard;

beforeAll(async () => {
  switchboard = await openSwitchboard({ access });
});
afterAll(() => switchboard[Symbol.asyncDispose]());

async function lineOf(name: string) {
  const line = await switchboard.line(access, name);
  onTestFinished(() => line[Symbol.asyncDispose]());
  return line;
}

test('the fault proxy runs where the server does', () => {
  expect(switchboard.proxy.where).toBe(access.kind === 'container' ? 'container' : 'process');
});

test('lines that are opened at once are different ones, and a fault of one leaves the other alone', async () => {
  const [one, other] = await Promise.all([lineOf('one'), lineOf('other')]);
  expect(one.access.port).not.toBe(other.access.port);
  const heal = await down.apply(one);
  await expect(openSession(one.access, { database, as: 'admin' })).rejects.toThrow();
  const session = await openSession(other.access, { database, as: 'admin' });
  expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await session.close();
  await heal();
  await (await openSession(one.access, { database, as: 'admin' })).close();
});

test('a session cut by destroy rejects what was asked, and its backend ends', async () => {
  const line = await lineOf('cut');
  const owner = await openSession(access, { database, as: 'admin' });
  onTestFinished(() => owner.close());
  const session = await openSession(line.access, { database, as: 'admin', applicationName: 'rowproof cut' });
  const asked = session.query('SELECT pg_sleep(600)');
  session.destroy();
  await expect(asked).rejects.toThrow();
  const { rows } = await owner.query(
    'SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE application_name = $1',
    ['rowproof cut'],
  );
  expect(rows.every(({ pg_terminate_backend: isGone }) => isGone === true)).toBe(true);
});

test('an answer that does not come within the bound rejects, and the session can still be destroyed', async () => {
  const line = await lineOf('slow');
  const session = await openSession(line.access, { database, as: 'admin', answerTimeout: 100 });
  await expect(session.query('SELECT pg_sleep(5)')).rejects.toThrow(/timeout/i);
  session.destroy();
});
