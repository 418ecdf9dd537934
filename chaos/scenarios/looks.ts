/** What a scenario sees from beside: who waits, who is gone, and what is stored. */

import type { Database } from '../../fixtures/lab/lab.ts';
import { ident, literal, qualified } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';

/** Milliseconds for what must come about by itself; then the scenario cannot say. */
const PATIENCE = 15_000;

/** Resolves when each of these backends waits for a lock. @throws Error when they do not. */
export function waiting(owner: Session, pids: readonly number[]): Promise<void> {
  return until(
    owner,
    `SELECT count(DISTINCT pid) = ${literal(new Set(pids).size)} FROM pg_locks WHERE NOT granted AND pid = ${anyOf(pids)}`,
    'not every client waits for the lock',
  );
}

/** Resolves when none of these backends is there any more: nothing that they were at can still happen. */
export function gone(owner: Session, pids: readonly number[]): Promise<void> {
  return until(
    owner,
    `SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = ${anyOf(pids)}`,
    'a backend of a client that is gone is still there',
  );
}

async function until(owner: Session, condition: string, otherwise: string): Promise<void> {
  const deadline = performance.now() + PATIENCE;
  for (;;) {
    const { rows } = await owner.query(`SELECT (${condition}) AS met`);
    if (rows[0]?.['met'] === true) return;
    if (performance.now() > deadline) throw new Error(otherwise);
  }
}

function anyOf(pids: readonly number[]): string {
  return `ANY (ARRAY[${pids.map(literal).join(', ')}]::int[])`;
}

/** A digest of every row of each table of the project, those left out which change whatever anybody does. */
export async function stateOf(
  { catalog, owner }: Database,
  except: readonly string[] = [],
): Promise<Readonly<Record<string, string>>> {
  const tables = catalog.relations.filter(
    ({ platform, kind, relname }) => !platform && kind === 'table' && !except.includes(relname),
  );
  const digests = tables.map(
    ({ schema, relname }) =>
      `(SELECT md5(coalesce(string_agg(t::text, '' ORDER BY t::text), '')) FROM ${qualified(schema, relname)} AS t) AS ${ident(relname)}`,
  );
  const { rows } = await owner.query(`SELECT ${digests.join(', ')}`);
  return (rows[0] ?? {}) as Readonly<Record<string, string>>;
}

/** Tables of which the two states differ. */
export function changed(before: Readonly<Record<string, string>>, after: Readonly<Record<string, string>>) {
  return Object.keys(before).filter((table) => before[table] !== after[table]);
}
