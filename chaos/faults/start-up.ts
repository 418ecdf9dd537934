/** Finds a backend that is still in its start-up: the server's views do not show it. */

import type { Field } from './field.ts';

/**
 * Its start-up is a transaction, which has a lock on itself like any other. The title of its process names the database; null where the
 * server's machine has no such files.
 */
const unseen = `
  SELECT l.pid, position(convert_to($1, 'UTF8') IN pg_read_binary_file('/proc/' || l.pid || '/cmdline', 0, 1000, true)) > 0 AS named
  FROM pg_locks AS l
  WHERE l.locktype = 'virtualxid' AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = l.pid)`;

/** The client's backend: the struck one's, or, where that is not logged in yet, the only one on its way into this database. */
export async function backendOf({ owner, db, victim }: Pick<Field, 'owner' | 'db' | 'victim'>): Promise<number | null> {
  const known = victim();
  if (known !== null) return known;
  const { rows } = await owner.query(unseen, [db.name]);
  const found = rows.map(({ pid, named }) => ({ pid: Number(pid), named: named as boolean | null }));
  const ours = found.filter(({ named }) => named ?? found.length === 1);
  return ours.length === 1 ? (ours[0]?.pid ?? null) : null;
}
