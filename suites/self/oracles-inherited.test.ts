/** When a row is open because what it hangs below is. */

import { expect, test } from 'vitest';
import type { Constraint, Policy, Relation } from '../../fixtures/model/catalog.ts';
import type { RelationName } from '../../fixtures/model/ids.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { isBelowPublished } from '../../fixtures/oracles/inherited.ts';
import { ownerB, ROWS, sceneOf } from './oracles-scene.ts';

const asks = (table: string): Policy => ({
  name: `asks ${table}`,
  command: 'select',
  permissive: true,
  roles: ['authenticated'],
  using: `EXISTS (SELECT FROM public.${table})`,
  withCheck: null,
});

const favourite: Constraint = {
  name: 'teams_favourite',
  kind: 'foreign',
  columns: ['favourite'],
  definition: '',
  references: {
    relation: 'public.notes' as RelationName,
    columns: ['id'],
    onDelete: 'NO ACTION',
    onUpdate: 'NO ACTION',
  },
  deferrable: false,
};

/** Each team names its favourite among the notes that hang below it. */
function sceneWithCircle(published: readonly WorldRow[]): { readonly scene: Scene; readonly note: WorldRow } {
  const { catalog, world } = sceneOf();
  const relations = catalog.relations.map((relation): Relation => {
    if (relation.relname === 'notes') return { ...relation, policies: [asks('teams')] };
    if (relation.relname !== 'teams') return relation;
    return { ...relation, policies: [asks('notes')], constraints: [...relation.constraints, favourite] };
  });
  const team = { ...ROWS.teamA, values: { ...ROWS.teamA.values, favourite: 1 } };
  const rows = world.rows.map((row) => (row === ROWS.teamA ? team : row));
  return {
    scene: sceneOf({ catalog: { ...catalog, relations }, world: { ...world, rows }, published }),
    note: ROWS.noteA,
  };
}

test('a note below a published team is open', () => {
  const { scene, note } = sceneWithCircle([ROWS.teamA]);
  expect(isBelowPublished(scene, ownerB, note)).toBe(true);
});

test('rows that hang below each other, none of them published, are not', () => {
  const { scene, note } = sceneWithCircle([]);
  expect(isBelowPublished(scene, ownerB, note)).toBe(false);
});
