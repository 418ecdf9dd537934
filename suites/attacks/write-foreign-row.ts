/** Updates and deletes, with and without WHERE and RETURNING, and looks at what happened to rows of somebody else. */

import { remove, update, where } from '../../fixtures/act/sql.ts';
import { worthTrying } from '../../fixtures/engine/sampling.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import { otherValue, victimOf } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Verb } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeStoppedDelete } from '../../fixtures/oracles/stopped.ts';
import { judgeEach, worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges } from '../../fixtures/oracles/writing.ts';
import { NOTES } from '../plants.ts';

const READ_OWN = `${NOTES} CREATE POLICY r ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid());`;

export const attack: Attack = {
  id: 'write-foreign-row',
  group: 'table write',
  severity: 'critical',
  title: 'changes or removes rows of somebody else',
  explains:
    'UPDATE of each column alone and DELETE: bare, WHERE true, by key, with and without RETURNING. A policy for SELECT joins in only when the statement reads a column, so the bare forms reach further.',
  plants: [
    {
      platform: 'supabase',
      base: READ_OWN,
      plant: 'CREATE POLICY u ON public.notes FOR UPDATE TO authenticated USING (true) WITH CHECK (true);',
      repair: 'ALTER POLICY u ON public.notes USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());',
    },
    {
      platform: 'supabase',
      base: READ_OWN,
      plant: 'CREATE POLICY d ON public.notes FOR DELETE TO authenticated USING (auth.uid() IS NOT NULL);',
      repair: 'ALTER POLICY d ON public.notes USING (owner_id = auth.uid());',
    },
    {
      platform: 'supabase',
      base: `${NOTES} CREATE POLICY r ON public.notes FOR SELECT TO authenticated USING (true);`,
      plant:
        'CREATE POLICY u ON public.notes FOR UPDATE TO authenticated USING (true) WITH CHECK (owner_id = auth.uid());',
      repair: 'ALTER POLICY u ON public.notes USING (owner_id = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(holdsRows)) {
      for (const persona of scene.attackers) {
        const victim = victimOf(scene, relation.name, persona) ?? rowsOf(scene, relation.name)[0];
        if (!victim) continue;
        const changes = updates(scene, relation, persona, victim);
        const tried = (verb: Verb, all: readonly string[]) => worthTrying(scene, relation, persona, verb, all);
        if (changes.length > 0) yield trial(scene, relation, persona, victim, 'update', tried('update', changes));
        const removals = shapes(remove(relation), relation, victim);
        yield trial(scene, relation, persona, victim, 'delete', tried('delete', removals));
      }
    }
  },
};

function trial(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  victim: WorldRow,
  verb: Verb,
  statements: readonly string[],
): Trial {
  const named = where(relation, victim.key);
  return {
    surface: { kind: 'relation', name: relation.name, verb },
    persona,
    shape: 'watched',
    probes: statements.map((sql) => ({ persona, sql, ...aimOf(relation, verb, sql, named) })),
    judge: (observations) =>
      judgeEach(asFarAsBare(observations), (observation) =>
        verb === 'delete' && observation.probe.sql.includes(named)
          ? worstOf([judgeForeignChanges(scene, observation), judgeStoppedDelete(scene, relation, victim, observation)])
          : judgeForeignChanges(scene, observation),
      ),
  };
}

/** No shape reaches further than the bare one: where that ran, a policy for SELECT that fails leaves nothing open. */
function asFarAsBare(observations: readonly Observation[]): readonly Observation[] {
  const [bare] = observations;
  if (!bare || bare.error !== null) return observations;
  return observations.map((observation) => (outcomeOf(observation) === 'defect' ? bare : observation));
}

/** Which rows a bare UPDATE, or one by key, reaches does not depend on the column that it sets. */
function aimOf({ name }: Relation, verb: Verb, sql: string, named: string): { readonly aim?: string } {
  if (verb !== 'update' || sql.includes('RETURNING') || sql.endsWith(' WHERE true')) return {};
  return { aim: `update ${name}${sql.endsWith(named) ? named : ''}` };
}

/** The first column in every shape, the others bare and by key: ownership columns are set to the attacker. */
function updates(scene: Scene, relation: Relation, persona: Persona, victim: WorldRow): readonly string[] {
  const granted = columnsWith(scene.catalog, relation, persona.role, 'UPDATE');
  const names = granted.length > 0 ? granted : relation.columns.map(({ name }) => name);
  const identity = (scene.world.identity.get(relation.name) ?? []).map(({ column }) => column);
  const changes = relation.columns
    .filter(({ name, generated, identity: always }) => names.includes(name) && !generated && always !== 'a')
    .flatMap((column) => {
      const value =
        identity.includes(column.name) && persona.user !== null
          ? persona.user
          : otherValue(scene, relation, column, victim);
      return value === undefined ? [] : [update(relation, { [column.name]: value })];
    });
  // Without a grant on any column, one is enough to see the refusal.
  const tried = granted.length > 0 ? changes : changes.slice(0, 1);
  return tried.flatMap((change, at) =>
    at === 0 ? shapes(change, relation, victim) : [change, change + where(relation, victim.key)],
  );
}

function shapes(statement: string, relation: Relation, victim: WorldRow): readonly string[] {
  const one = where(relation, victim.key);
  return [
    statement,
    `${statement} RETURNING 1`,
    `${statement} WHERE true`,
    statement + one,
    `${statement + one} RETURNING *`,
  ];
}
