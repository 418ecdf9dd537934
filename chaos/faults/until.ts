/** Waits for what the server does by itself. */

import { setTimeout as rest } from 'node:timers/promises';
import type { Session } from '../../fixtures/wire/session.ts';

/** Milliseconds: what is waited for takes a few seconds at most, on a machine that does much else. */
const PATIENCE = 30_000;
const STEP = 10;

/** Rows when the backend `$1` is at no statement, or gone. */
export const isIdle = `SELECT WHERE NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = $1 AND state = 'active')`;

/** Rows when the backend `$1` waits for no lock, or is gone. */
export const waitsForNobody = 'SELECT WHERE NOT EXISTS (SELECT FROM pg_locks WHERE pid = $1 AND NOT granted)';

/** Asks until the query gives a row. @returns whether it did in time */
export async function untilRow(owner: Session, sql: string, params: readonly unknown[]): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  while ((await owner.query(sql, params)).rows.length === 0) {
    if (performance.now() > deadline) return false;
    await rest(STEP);
  }
  return true;
}
