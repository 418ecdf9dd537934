/** Whether the server is still there: without it, failures of tests mean nothing. */

import type { ServerAccess } from '../../fixtures/model/server.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import type { Obstacle } from '../../reports/run.ts';

/** Null while the server answers; else the sentence that says that it does not. */
export async function deathOf(access: ServerAccess): Promise<Obstacle | null> {
  try {
    await using session = await openSession(access, { database: access.maintenanceDatabase, as: 'admin' });
    await session.query('SELECT 1');
    return null;
  } catch (error) {
    const reason = error instanceof Error && 'code' in error ? ` (${String(error.code)})` : '';
    return {
      sentence: `The PostgreSQL server went away while the tests ran${reason}, so their results mean nothing.`,
      fix: 'See that nothing stops or restarts the server and that memory and disk suffice, then run again.',
    };
  }
}
