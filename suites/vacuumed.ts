/** Tables whose pages are all known as visible to everybody: what plans by an index alone are chosen for. */

import { setTimeout as pause } from 'node:timers/promises';
import type { Session } from '../fixtures/wire/session.ts';

/** Milliseconds; whoever holds a snapshot for longer is no passer-by. */
const patience = 60_000;

/**
 * Vacuums and analyzes the whole database until no snapshot hides rows. While a connection to whatever database is being made, its
 * snapshot counts for every database: VACUUM then leaves the newest pages as they are, and says nothing. A few dead rows it leaves
 * for later, unless it is told to clean the indexes.
 * @throws Error that names the tables with pages that somebody might still see otherwise.
 */
export async function vacuumAll(owner: Session): Promise<void> {
  const deadline = performance.now() + patience;
  for (;;) {
    await owner.query('VACUUM (ANALYZE, INDEX_CLEANUP ON)');
    const { rows } = await owner.query(`
      SELECT oid::regclass::text AS name FROM pg_class
      WHERE relkind IN ('r', 'm') AND relallvisible < relpages AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
        AND relpersistence = 'p' ORDER BY 1`);
    if (rows.length === 0) return;
    if (performance.now() > deadline)
      throw new Error(`an old snapshot hides rows of ${rows.map(({ name }) => String(name)).join(', ')}`);
    await pause(50);
  }
}
