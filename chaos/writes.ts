/** Writes that policies guard, as the rightful owner makes them: for each table and verb one that works. */

import { insert, remove, update, where } from '../fixtures/act/sql.ts';
import { isClosed } from '../fixtures/engine/closed.ts';
import { childless } from '../fixtures/engine/flows-parents-gone.ts';
import { wordsOf } from '../fixtures/engine/flows-tables.ts';
import { quietly } from '../fixtures/engine/own-rows.ts';
import { rowsToInsert } from '../fixtures/engine/rows-to-insert.ts';
import { otherValue } from '../fixtures/engine/values.ts';
import type { Column, Relation } from '../fixtures/model/catalog.ts';
import type { Persona } from '../fixtures/model/persona.ts';
import { columnsWith } from '../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../fixtures/model/probe.ts';
import type { Scene } from '../fixtures/model/scene.ts';
import type { Json, WorldRow } from '../fixtures/model/world.ts';
import { concerns, namedIn, unique } from '../fixtures/oracles/ownership.ts';
import { rowsOf } from '../fixtures/oracles/parents.ts';

export const writeVerbs = ['insert', 'update', 'delete'] as const;
export type WriteVerb = (typeof writeVerbs)[number];

export interface Writing {
  readonly scene: Scene;
  /** Who may call, the likeliest owner first. */
  readonly callers: readonly Persona[];
  /** Rolled back, with what it changed. */
  watch(probe: Probe): Promise<Observation>;
}

/** A guarded table, and what some client may do to it as far as grants and policies say. */
export interface GuardedWrite {
  readonly relation: Relation;
  readonly verb: WriteVerb;
}

/** Tables behind row security that are the project's own, or that it wrote policies for. */
export function guardedWrites({ scene, callers }: Pick<Writing, 'scene' | 'callers'>): readonly GuardedWrite[] {
  const roles = unique(callers.filter(({ trusted }) => !trusted).map(({ role }) => role));
  const { catalog } = scene;
  return catalog.relations
    .filter(({ kind, partitionOf }) => (kind === 'table' || kind === 'partitioned') && partitionOf === null)
    .filter(
      (one) => one.rowSecurity && (!one.platform || (one.policies.length > 0 && rowsOf(scene, one.name).length > 0)),
    )
    .flatMap((relation) =>
      writeVerbs
        .filter((verb) => roles.some((role) => !isClosed(catalog, relation, role, verb)))
        .map((verb) => ({ relation, verb })),
    );
}

/** The first write that changes a row of the table; or the SQLSTATEs of what was tried. */
export async function findWrite(
  writing: Writing,
  { relation, verb }: GuardedWrite,
): Promise<{ readonly probe: Probe } | { readonly because: string }> {
  const refusals = new Set<string>();
  for (const persona of writing.callers.filter(({ trusted }) => !trusted)) {
    if (isClosed(writing.scene.catalog, relation, persona.role, verb)) continue;
    for (const probe of candidates(writing.scene, relation, verb, persona)) {
      const { error, changes } = await writing.watch(probe);
      if (changes?.some((change) => change.relation === relation.name)) return { probe };
      refusals.add(error === null ? 'no row' : error.sqlstate);
    }
  }
  const seen = [...refusals].toSorted().join(', ');
  return { because: seen === '' ? 'no row of it could be made' : `no write of it that we tried was allowed (${seen})` };
}

const MOST_INSERTS = 40;
const MOST_ROWS = 6;

function candidates(scene: Scene, relation: Relation, verb: WriteVerb, persona: Persona): readonly Probe[] {
  switch (verb) {
    case 'insert': {
      const probes = spread(rowsToInsert(scene, relation, persona)).map((values) => ({
        persona,
        sql: insert(relation, values),
      }));
      // What the persona could say may be said already.
      const given = [
        ...childless(scene.catalog, relation),
        ...own(scene, relation, persona).flatMap((row) => quietly(remove(relation) + where(relation, row.key))),
      ];
      return [...probes, ...(given.length === 0 ? [] : probes.map((probe) => ({ ...probe, given })))];
    }
    case 'update':
      return own(scene, relation, persona).flatMap((row) =>
        changed(scene, relation, persona, row).map((values) => ({
          persona,
          sql: update(relation, values) + where(relation, row.key),
        })),
      );
    case 'delete': {
      const given = childless(scene.catalog, relation);
      const probes = own(scene, relation, persona).map((row) => ({
        persona,
        sql: remove(relation) + where(relation, row.key),
      }));
      // Rows that point to it may hold it.
      return [...probes, ...(given.length === 0 ? [] : probes.map((probe) => ({ ...probe, given })))];
    }
  }
}

/** Own parents and the persona's own name come first. */
function spread<T>(rows: readonly T[]): readonly T[] {
  const step = Math.ceil(rows.length / MOST_INSERTS);
  return rows.filter((_, at) => at % step === 0);
}

/** Rows that name the persona, then those of its places, then nobody's. */
function own(scene: Scene, relation: Relation, persona: Persona): readonly WorldRow[] {
  const rows = rowsOf(scene, relation.name).filter((row) => concerns(row, persona));
  const rank = (row: WorldRow) => {
    if (namedIn(scene, relation.name, row.values).includes(persona.user ?? '')) return 0;
    return row.related.length > 0 ? 1 : 2;
  };
  return rows.toSorted((one, other) => rank(one) - rank(other)).slice(0, MOST_ROWS);
}

/** Each plain column alone; then all together; then those that point to rows or people. */
function changed(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  row: WorldRow,
): readonly { readonly [column: string]: Json }[] {
  const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
  const bound = new Set([
    ...(scene.world.identity.get(relation.name) ?? []).map(({ column }) => column),
    ...relation.constraints
      .filter(({ kind }) => kind === 'primary' || kind === 'foreign')
      .flatMap(({ columns }) => columns),
  ]);
  const said = relation.columns
    .filter(({ name, generated, identity }) => granted.includes(name) && !generated && identity !== 'a')
    .flatMap((column) => {
      const value = otherFor(scene, relation, column, row);
      return value === undefined ? [] : [{ column, value }];
    });
  const plain = said.filter(({ column }) => !bound.has(column.name));
  const texts = plain.filter(({ column }) => column.category === 'S');
  const alone = [
    ...texts,
    ...plain.filter((one) => !texts.includes(one)),
    ...said.filter((one) => !plain.includes(one)),
  ];
  const together = Object.fromEntries(plain.map(({ column, value }) => [column.name, value]));
  return [...alone.map(({ column, value }) => ({ [column.name]: value })), ...(plain.length > 1 ? [together] : [])];
}

function otherFor(scene: Scene, relation: Relation, column: Column, row: WorldRow): Json | undefined {
  const words = wordsOf(relation, column).filter((word) => word !== row.values[column.name]);
  return words[0] ?? otherValue(scene, relation, column, row);
}
