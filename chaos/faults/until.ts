/** Waits for what the server does by itself. */

import { setTimeout as rest } from 'node:timers/promises';
import type { Session } from '../../fixtures/wire/session.ts';

/** Milliseconds: what is waited for takes a few seconds at most, on a machine that does much else. */
const PATIENCE = 30_000;
const STEP = 10;

/** Asks until the query gives a row. @returns whether it did in time */
export async function untilRow(owner: Session, sql: string, params: readonly unknown[]): Promise<boolean> {
  const deadline = performance.now() + PATIENCE;
  while ((await owner.query(sql, params)).rows.length === 0) {
    if (performance.now() > deadline) return false;
    await rest(STEP);
  }
  return true;
}
