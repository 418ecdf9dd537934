/** A test whose file takes a while to load, and which then waits for a minute. */

import { inject, test } from 'vitest';
import { openSession } from '../../../fixtures/wire/session.ts';

const access = inject('server');
await using session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
await session.query('SELECT pg_sleep(2)');

test('the server sleeps', async () => {
  await using sleeper = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
  await sleeper.query('SELECT pg_sleep(60)');
});
