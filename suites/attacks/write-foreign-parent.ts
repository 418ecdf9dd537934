/** Hangs a row of the persona's own below a parent of somebody else that the persona cannot even read. */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import { parentKeys, parentOf, pointingAt, rowsOf, rowsToInsert } from '../../fixtures/engine/values.ts';
import { approves } from '../../fixtures/model/approval.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { concerns, isPublished, isReadable, namedIn } from '../../fixtures/oracles/ownership.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const TAGS = `${NOTES + OWN_NOTES}
CREATE TABLE public.tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), note_id uuid NOT NULL REFERENCES public.notes (id), user_id uuid NOT NULL REFERENCES auth.users (id), label text);
ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;`;

export const attack: Attack = {
  id: 'write-foreign-parent',
  group: 'table write',
  severity: 'medium',
  title: 'attaches its rows to a parent of somebody else',
  explains: 'Foreign keys are checked past row security: a policy that looks at the child alone lets rows be hung below any parent.',
  plants: [
    {
      platform: 'supabase',
      base: TAGS,
      plant: 'CREATE POLICY t ON public.tags TO authenticated USING (user_id = auth.uid());',
      repair: 'ALTER POLICY t ON public.tags USING (user_id = auth.uid() AND EXISTS (SELECT FROM public.notes WHERE notes.id = tags.note_id));',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter((one) => holdsRows(one) && parentKeys(scene, one).length > 0)) {
      for (const persona of scene.attackers.filter(({ user }) => user !== null)) {
        const statements = [...inserts(scene, relation, persona), ...moves(scene, relation, persona)];
        if (statements.length === 0) continue;
        yield {
          surface: { kind: 'relation', name: relation.name, verb: 'insert' },
          persona,
          shape: 'watched',
          probes: statements.map((sql) => ({ persona, sql })),
          judge: (observations) => judgeEach(observations, (observation) => judge(scene, relation, observation)),
        };
      }
    }
  },
};

function inserts(scene: Scene, relation: Relation, persona: Persona): readonly string[] {
  const named = (values: object) => namedIn(scene, relation.name, values as never);
  return rowsToInsert(scene, relation, persona)
    .filter((values) => named(values).length === 0 || named(values).includes(persona.user ?? ''))
    .map((values) => insert(relation, values));
}

function moves(scene: Scene, relation: Relation, persona: Persona): readonly string[] {
  const own = rowsOf(scene, relation.name).find((row) => namedIn(scene, relation.name, row.values).includes(persona.user ?? ''));
  if (!own) return [];
  return parentKeys(scene, relation).flatMap((key) => {
    const foreign = rowsOf(scene, key.references?.relation ?? '').find((row) => !concerns(row, persona));
    return foreign ? [update(relation, pointingAt(key, foreign)) + where(relation, own.key)] : [];
  });
}

function judge(scene: Scene, relation: Relation, { probe: { persona }, changes }: Observation): Verdict {
  for (const { relation: name, before, after } of changes ?? []) {
    if (name !== relation.name || after === null) continue;
    for (const key of parentKeys(scene, relation)) {
      const parent = parentOf(scene, key, after);
      const kept = before !== null && key.columns.every((column) => before[column] === after[column]);
      if (parent === null || kept || concerns(parent, persona) || isReadable(scene, persona, parent) || isPublished(scene, persona, parent)) continue;
      const columns = key.columns.map((column) => `${relation.name}.${column}`);
      if (key.columns.every((column) => approves(scene.contract, { relation: name, persona, verb: before === null ? 'insert' : 'update', column }))) continue;
      return {
        state: 'broken',
        expected: `${persona.name} can point only to rows of ${parent.relation} that it may read`,
        observed: `${persona.name} made ${columns.join(', ')} point to a hidden row of somebody else`,
        columns,
      };
    }
  }
  return { state: 'held' };
}
