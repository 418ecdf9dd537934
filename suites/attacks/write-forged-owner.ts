/** Inserts rows that name somebody else as their owner. */

import { insert } from '../../fixtures/act/sql.ts';
import { demotions } from '../../fixtures/engine/demotion.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { worthTrying } from '../../fixtures/engine/sampling.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { byOffice } from '../../fixtures/oracles/deeds.ts';
import { isBelowOwn, isRecord, parentKeys } from '../../fixtures/oracles/parents.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { judgeForgery } from '../../fixtures/oracles/writing.ts';
import { NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'write-forged-owner',
  group: 'table write',
  severity: 'high',
  title: 'inserts rows in the name of somebody else',
  explains:
    'INSERT of a legal row with every choice of people in its identity columns. A row that names somebody, but not the caller, is forged.',
  plants: [
    {
      platform: 'supabase',
      base: `${NOTES} CREATE POLICY r ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid());`,
      plant: 'CREATE POLICY i ON public.notes FOR INSERT TO authenticated WITH CHECK (auth.uid() IS NOT NULL);',
      repair: 'ALTER POLICY i ON public.notes WITH CHECK (owner_id = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      if (!mayNamePeople(scene, relation)) continue;
      for (const persona of scene.attackers) {
        const rows = rowsToInsert(scene, relation, persona);
        if (rows.length > 0)
          yield trial(scene, relation, persona, worthTrying(scene, relation, persona, 'insert', rows));
      }
    }
  },
};

/** Accounts, or records that stand for them: `sender_id` may point to `profiles`. */
function mayNamePeople(scene: Scene, relation: Relation): boolean {
  if ((scene.world.identity.get(relation.name) ?? []).length > 0) return true;
  return parentKeys(scene, relation).some(({ references }) => isRecord(scene, references?.relation ?? ''));
}

function trial(scene: Scene, relation: Relation, persona: Persona, rows: ReturnType<typeof rowsToInsert>): Trial {
  const tried = new Map(rows.map((values) => [insert(relation, values), values]));
  const given = demotions(scene, persona);
  const near =
    given.length === 0 ? [] : [...tried].filter(([, values]) => isBelowOwn(scene, relation, values, persona));
  const judge = (observation: Observation) =>
    judgeForgery(scene, relation.name, observation, tried.get(observation.probe.sql) ?? null);
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'insert' },
    persona,
    shape: 'watched',
    probes: [...[...tried.keys()].map((sql) => ({ persona, sql })), ...near.map(([sql]) => ({ persona, sql, given }))],
    judge: (observations) => {
      const plain = new Map(observations.slice(tried.size).map((one) => [one.probe.sql, judge(one)]));
      return judgeEach(observations.slice(0, tried.size), (observation) =>
        byOffice(scene, judge(observation), plain.get(observation.probe.sql) ?? null),
      );
    },
  };
}
