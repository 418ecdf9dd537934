/** One request's work as one tenant: a transaction that names the tenant first and forgets it at its end. */

import type { Counters } from './counters.ts';

/** What this module needs of a database connection; a `pg` client fits. */
export interface Connection {
  query(
    sql: string,
    params?: readonly unknown[],
  ): Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;
}

/** insufficient_privilege: what row-level security and missing grants answer with. */
const refusedByPolicy = '42501';

/**
 * Runs `work` inside a transaction in which `tenant` is named; commits, or rolls back and throws on what `work` threw.
 * Refusals by row-level security count as memory_rls_policy_errors_total.
 */
export async function asTenant<Result>(
  connection: Connection,
  tenant: string,
  counters: Counters,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  await connection.query('BEGIN');
  try {
    await connection.query('SELECT public.memory_use_tenant($1)', [tenant]);
    const result = await work(connection);
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    if (sqlstateOf(error) === refusedByPolicy) {
      counters.count('memory_rls_policy_errors_total');
    }
    await connection.query('ROLLBACK');
    throw error;
  }
}

/** `pg` calls it `code`, other drivers `sqlstate`. */
function sqlstateOf(error: unknown): unknown {
  if (typeof error !== 'object' || error === null) {
    return undefined;
  }
  return 'sqlstate' in error ? error.sqlstate : 'code' in error ? error.code : undefined;
}
