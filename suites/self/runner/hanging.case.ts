/** A test that says that it has begun, and then waits for a minute. */

import { inject, test } from 'vitest';
import { openSession } from '../../../fixtures/wire/session.ts';

const access = inject('server');

test('the server sleeps', async () => {
  await using session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
  console.log(`sleeping beside port ${access.port}`);
  await session.query('SELECT pg_sleep(60)');
});
