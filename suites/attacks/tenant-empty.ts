/** Names no tenant, or an empty one, and reads and writes rows whose tenant key is empty. */

import { insert } from '../../fixtures/act/sql.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { isBelowPublished } from '../../fixtures/oracles/inherited.ts';
import { isPublished } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { TENANTS } from '../plants.ts';

export const attack: Attack = {
  id: 'tenant-empty',
  group: 'session',
  severity: 'medium',
  title: 'is served as the empty tenant without naming one',
  explains:
    'A policy that turns a missing setting into an empty string makes the empty string a tenant: whoever names none shares its rows. Reads as a caller who names none, and inserts a row with an empty key.',
  plants: [
    {
      platform: 'plain',
      base: TENANTS,
      plant: `CREATE POLICY t ON public.items USING (tenant_key = coalesce(current_setting('app.tenant', true), ''));`,
      repair: `ALTER POLICY t ON public.items USING (tenant_key = nullif(current_setting('app.tenant', true), '')); ALTER TABLE public.items ADD CHECK (tenant_key <> '');`,
    },
  ],
  *trials(scene) {
    if (scene.world.tenantSetting === null) return;
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && keysOf(scene, one).length > 0)) {
      for (const persona of scene.attackers.filter(({ user }) => user === null)) {
        yield reading(scene, relation, persona);
        yield writing(scene, relation, persona);
      }
    }
  },
};

function keysOf(scene: Scene, relation: Relation): readonly string[] {
  return (scene.world.identity.get(relation.name) ?? []).map(({ column }) => column);
}

function reading(scene: Scene, relation: Relation, persona: Persona): Trial {
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: selectFor(scene.catalog, relation, persona) }],
    judge: (observations) => judgeEach(observations, (observation) => judgeShown(scene, relation, observation)),
  };
}

function judgeShown(scene: Scene, relation: Relation, { rows, columns, probe: { persona } }: Observation): Verdict {
  const shared = rowsOf(scene, relation.name).filter(
    (row) => row.variant === 'shared' || isPublished(scene, persona, row) || isBelowPublished(scene, persona, row),
  ).length;
  if (rows.length <= shared) return { state: 'held' };
  const ownerless = rowsOf(scene, relation.name).filter(({ variant }) => variant === 'ownerless').length;
  return {
    state: 'broken',
    expected: `${persona.name} names no tenant and sees no row`,
    observed: `${persona.name} saw ${rows.length - shared} rows of ${relation.name}`,
    columns: columns.map((column) => `${relation.name}.${column}`),
    // Where no caller writes, such a row comes from the project itself or not at all.
    ...(rows.length - shared <= ownerless && !isWritten(scene, relation) ? { severity: 'low' } : {}),
  };
}

function isWritten({ catalog, attackers }: Scene, relation: Relation): boolean {
  return attackers.some(({ role }) =>
    (['INSERT', 'UPDATE'] as const).some((privilege) => columnsWith(catalog, relation, role, privilege).length > 0),
  );
}

function writing(scene: Scene, relation: Relation, persona: Persona): Trial {
  const empty = Object.fromEntries(keysOf(scene, relation).map((column) => [column, '']));
  const [values] = rowsToInsert(scene, relation, persona);
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'insert' },
    persona,
    shape: 'watched',
    probes: values ? [{ persona, sql: insert(relation, { ...values, ...empty }) }] : [],
    judge: (observations) => judgeWritten(relation, persona, observations),
  };
}

/** A constraint that refuses the empty key decides the matter as well as a policy does. */
function judgeWritten(relation: Relation, persona: Persona, observations: readonly Observation[]): Verdict {
  const [observation] = observations;
  if (!observation) return { state: 'unknown', reason: 'no row could be made to try it with' };
  if (observation.error) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${persona.name} names no tenant and writes no row`,
    observed: `${persona.name} inserted a row of ${relation.name} that belongs to the empty tenant`,
    columns: [relation.name],
  };
}
