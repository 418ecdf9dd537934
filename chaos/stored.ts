/** What is stored in the tables of a project, and in which rows two readings differ. */

import { nameOf } from '../fixtures/act/sql.ts';
import type { Catalog, Relation } from '../fixtures/model/catalog.ts';
import type { Json } from '../fixtures/model/world.ts';
import type { Session } from '../fixtures/wire/session.ts';
import { isLimiter } from './faults/store-locked.ts';

/** A table that is read, with its rows' key; without one a row is known by all that it says. */
export interface StoredTable {
  readonly name: string;
  /** Quoted and qualified. */
  readonly sql: string;
  readonly key: readonly string[];
}

type Row = { readonly [column: string]: Json };

/** Rows by table and key. */
export type State = ReadonlyMap<string, ReadonlyMap<string, Row>>;

/** What a row says, by the way to each single value: `payload.steps.0`. */
export type Leaves = ReadonlyMap<string, string>;

/** One row that is not as it was. Of a changed one, only the values that changed. */
export interface Change {
  readonly table: string;
  readonly kind: 'insert' | 'update' | 'delete';
  readonly key: string;
  readonly leaves: Leaves;
}

/**
 * Every table of the database that holds rows, the platform's too; rows of a partition are its parent's. What counts calls is left
 * out: what it holds depends on when one calls.
 */
export function storedTables({ relations }: Catalog): readonly StoredTable[] {
  return relations
    .filter(({ kind, partitionOf }) => (kind === 'table' || kind === 'partitioned') && partitionOf === null)
    .filter((relation) => !isLimiter(relation))
    .map((relation) => ({ name: relation.name, sql: nameOf(relation), key: keyOf(relation) }));
}

/** As of one moment; the session sees everything. */
export async function readState(owner: Session, tables: readonly StoredTable[]): Promise<State> {
  const parts = tables.map(({ sql }, at) => `SELECT ${at} AS at, to_jsonb(x) AS row FROM ${sql} AS x`);
  const { rows } = await owner.query(parts.join(' UNION ALL ') || 'SELECT 0 AS at, NULL AS row WHERE false');
  const byTable = Map.groupBy(rows, ({ at }) => Number(at));
  return new Map(
    tables.map(({ name, key }, at) => {
      const known = (byTable.get(at) ?? []).map(({ row }) => row as Row);
      return [name, key.length > 0 ? new Map(known.map((row) => [keyed(row, key), row])) : counted(known)];
    }),
  );
}

/** What of `before` is not there any more or says something else, and what is new. */
export function changesBetween(before: State, after: State): readonly Change[] {
  return [...after].flatMap(([table, rows]) => {
    const old = before.get(table) ?? new Map<string, Row>();
    const gone = [...old].filter(([key]) => !rows.has(key));
    return [
      ...gone.map(([key]): Change => ({ table, kind: 'delete', key, leaves: new Map() })),
      ...[...rows].flatMap(([key, row]) => changeOf(table, key, old.get(key), row)),
    ];
  });
}

function changeOf(table: string, key: string, old: Row | undefined, row: Row): readonly Change[] {
  const leaves = leavesOf(row);
  if (old === undefined) return [{ table, kind: 'insert', key, leaves }];
  const were = leavesOf(old);
  const changed = [...new Set([...leaves.keys(), ...were.keys()])].filter(
    (path) => leaves.get(path) !== were.get(path),
  );
  if (changed.length === 0) return [];
  return [{ table, kind: 'update', key, leaves: new Map(changed.map((path) => [path, leaves.get(path) ?? 'gone'])) }];
}

/** @returns each single value as JSON text. */
export function leavesOf(row: Json): Leaves {
  const leaves = new Map<string, string>();
  const visit = (value: Json, path: string) => {
    if (value === null || typeof value !== 'object' || Object.keys(value).length === 0)
      leaves.set(path, JSON.stringify(value));
    else for (const [name, inner] of Object.entries(value)) visit(inner, path === '' ? name : `${path}.${name}`);
  };
  visit(row, '');
  return leaves;
}

function keyOf({ constraints }: Relation): readonly string[] {
  return constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
}

function keyed(row: Row, key: readonly string[]): string {
  return JSON.stringify(key.map((column) => row[column] ?? null));
}

/** Of rows that say the same, each is counted. */
function counted(rows: readonly Row[]): ReadonlyMap<string, Row> {
  const same = Map.groupBy(rows, (row) => JSON.stringify(row));
  return new Map([...same].flatMap(([text, some]) => some.map((row, at): [string, Row] => [`${text} ${at}`, row])));
}
