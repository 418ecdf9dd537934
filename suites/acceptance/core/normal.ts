/** Rows and replies without what differs from one run to the next, so that two runs can be compared. */

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /"(\d{4}-\d\d-\d\dT[^"]*)"/g;

export interface Known {
  /** Ids from before; every other one was made meanwhile. */
  readonly ids: ReadonlySet<string>;
  /** Times before this moment stay as they are; milliseconds since 1970. */
  readonly since: number;
}

/** Every id that stands in the values. */
export function idsIn(...values: readonly unknown[]): ReadonlySet<string> {
  return new Set(JSON.stringify(values).match(UUID));
}

/** One value as text, without ids and times that were made meanwhile. */
export function plain(value: unknown, { ids, since }: Known): string {
  return JSON.stringify(value)
    .replaceAll(TIME, (text, time: string) => (Date.parse(time) < since ? text : '"later"'))
    .replaceAll(UUID, (id) => (ids.has(id) ? id : 'new'));
}

/** Rows of each table, in an order that depends on no new id. */
export function plainRows(
  state: Readonly<Record<string, readonly unknown[]>>,
  known: Known,
): Readonly<Record<string, readonly string[]>> {
  const tables = Object.entries(state).map(([name, rows]) => [name, rows.map((row) => plain(row, known)).toSorted()]);
  return Object.fromEntries(tables) as Readonly<Record<string, readonly string[]>>;
}
