/** Scratch worlds: a schema written on the spot, populated in a database of its own. */

import { inject } from 'vitest';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import type { PlatformKind } from '../../fixtures/model/project.ts';
import type { World, WorldRow } from '../../fixtures/model/world.ts';
import { populate } from '../../fixtures/populate/populate.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { scratchDatabase } from './migrate-scratch.ts';

export interface ScratchWorld extends AsyncDisposable {
  readonly admin: Session;
  readonly catalog: Catalog;
  readonly world: World;
}

/** The world that `seed` gives for the schema; disposing drops the database. */
export async function worldFor(platform: PlatformKind, schema: string, seed = 11): Promise<ScratchWorld> {
  const database = await scratchDatabase(inject('server'), platform);
  await database.admin.script(schema);
  const catalog = await readCatalog(database.admin);
  const world = await populate(database.admin, catalog, { seed, platform });
  return { admin: database.admin, catalog, world, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

/** Rows of a relation as `circle variant`, e.g. `a lead`; shared ones without a circle. */
export function castOf(world: World, relation: string): readonly string[] {
  return rows(world, relation).map((row) => [row.circle, row.variant].filter((part) => part !== null).join(' '));
}

/** Rows of a relation in insertion order. */
export function rows(world: World, relation: string): readonly WorldRow[] {
  return world.rows.filter((row) => row.relation === relation);
}

/** What every table that leads to a user holds. */
export const everybody = ['a lead', 'b lead', 'a partner', 'b partner'];
