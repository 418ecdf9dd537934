/** A test that kills the run's own embedded server, and one that needs it afterwards. */

import { inject, test } from 'vitest';
import { openSession } from '../../../fixtures/wire/session.ts';

const access = inject('server');

test('the server is killed', async () => {
  const session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
  const { rows } = await session.query("SELECT split_part(pg_read_file('postmaster.pid'), E'\\n', 1)::int AS pid");
  process.kill(Number(rows[0]?.['pid']), 'SIGKILL');
  await session.query('SELECT pg_sleep(60)');
});

test('the server is used', async () => {
  await using session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
  await session.query('SELECT 1');
});
