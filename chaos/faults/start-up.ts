/** Finds a backend that is still in its start-up: the server's views do not show it. */

import { readFile } from 'node:fs/promises';
import type { Field } from './field.ts';

/** Its start-up is a transaction, which has a lock on itself like any other. */
const unseen = `
  SELECT l.pid FROM pg_locks AS l
  WHERE l.locktype = 'virtualxid' AND NOT EXISTS (SELECT FROM pg_stat_activity AS a WHERE a.pid = l.pid)`;

/** The client's backend: the struck one's, or, where that is not logged in yet, the only one on its way into this database. */
export async function backendOf({ owner, db, victim }: Pick<Field, 'owner' | 'db' | 'victim'>): Promise<number | null> {
  const known = victim();
  if (known !== null) return known;
  const { rows } = await owner.query(unseen);
  const found = rows.map(({ pid }) => Number(pid));
  const named = await Promise.all(found.map(async (pid) => (await titleOf(pid))?.includes(db.name) ?? null));
  const ours = found.filter((_pid, index) => named[index] === true || (named[index] === null && found.length === 1));
  return ours.length === 1 ? (ours[0] ?? null) : null;
}

/** The process title names the database; null where the server runs on another machine, or this one has no such files. */
async function titleOf(pid: number): Promise<string | null> {
  const title = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => null);
  return title?.startsWith('postgres:') ? title : null;
}
