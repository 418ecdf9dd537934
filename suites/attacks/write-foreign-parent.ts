/** Hangs a row of the persona's own below a parent of somebody else that the persona cannot even read. */

import { insert, update, where } from '../../fixtures/act/sql.ts';
import { looksAt } from '../../fixtures/engine/looks.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { worthTrying } from '../../fixtures/engine/sampling.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { judgeForeignParents } from '../../fixtures/oracles/hanging.ts';
import { concerns, namedIn } from '../../fixtures/oracles/ownership.ts';
import { parentKeys, pointingAt, rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const TAGS = `${NOTES + OWN_NOTES}
CREATE TABLE public.tags (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), note_id uuid NOT NULL REFERENCES public.notes (id), user_id uuid NOT NULL REFERENCES auth.users (id), label text);
ALTER TABLE public.tags ENABLE ROW LEVEL SECURITY;`;

const SEEN = `CREATE POLICY s ON public.tags FOR SELECT TO authenticated USING (EXISTS (SELECT FROM public.notes WHERE notes.id = tags.note_id));`;

export const attack: Attack = {
  id: 'write-foreign-parent',
  group: 'table write',
  severity: 'medium',
  title: 'attaches its rows to a parent of somebody else',
  explains:
    'Foreign keys are checked past row security: a policy that looks at the child alone lets rows be hung below any parent.',
  plants: [
    {
      platform: 'supabase',
      base: TAGS,
      plant: `${SEEN} CREATE POLICY i ON public.tags FOR INSERT TO authenticated WITH CHECK (user_id = auth.uid());`,
      repair:
        'ALTER POLICY i ON public.tags WITH CHECK (user_id = auth.uid() AND EXISTS (SELECT FROM public.notes WHERE notes.id = tags.note_id));',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(
      (one) => isOwnTable(one) && parentKeys(scene, one).length > 0,
    )) {
      for (const persona of scene.attackers.filter(({ user }) => user !== null)) {
        const statements = [...inserts(scene, relation, persona), ...moves(scene, relation, persona)];
        if (statements.length === 0) continue;
        yield {
          surface: { kind: 'relation', name: relation.name, verb: 'insert' },
          persona,
          shape: 'watched',
          probes: statements.flatMap((sql) =>
            looksAt(scene, relation, persona).map((then) => ({ persona, sql, then })),
          ),
          judge: (observations) =>
            judgeEach(observations, (observation) => latent(observation, judgeForeignParents(scene, observation))),
        };
      }
    }
  },
};

/** What only an UPDATE without any WHERE does, the API’s requests seldom can. */
function latent({ probe: { sql } }: Observation, verdict: Verdict): Verdict {
  const bare = sql.startsWith('UPDATE') && !sql.includes(' WHERE ');
  return verdict.state === 'broken' && bare ? { ...verdict, severity: 'low' } : verdict;
}

function inserts(scene: Scene, relation: Relation, persona: Persona): readonly string[] {
  const named = (values: object) => namedIn(scene, relation.name, values as never);
  const rows = rowsToInsert(scene, relation, persona);
  return worthTrying(scene, relation, persona, 'insert', rows)
    .filter((values) => named(values).length === 0 || named(values).includes(persona.user ?? ''))
    .map((values) => insert(relation, values));
}

function moves(scene: Scene, relation: Relation, persona: Persona): readonly string[] {
  const own = rowsOf(scene, relation.name).find((row) =>
    namedIn(scene, relation.name, row.values).includes(persona.user ?? ''),
  );
  if (!own) return [];
  return parentKeys(scene, relation).flatMap((key) => {
    const foreign = rowsOf(scene, key.references?.relation ?? '').find((row) => !concerns(row, persona));
    if (!foreign) return [];
    const move = update(relation, pointingAt(key, foreign));
    // By key the new row must be one that the persona may read, too.
    return [move + where(relation, own.key), move];
  });
}
