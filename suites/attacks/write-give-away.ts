/** Sets the ownership columns of the persona's own row to somebody else. */

import { update, where } from '../../fixtures/act/sql.ts';
import { worthTrying } from '../../fixtures/engine/sampling.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { peopleFor } from '../../fixtures/engine/values.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { namedIn } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { judgeGift } from '../../fixtures/oracles/writing.ts';
import { NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'write-give-away',
  group: 'table write',
  severity: 'high',
  title: 'gives its own rows to somebody else',
  explains:
    'UPDATE of each ownership column of an own row, bare and by key. WITH CHECK (true) plants rows in somebody else’s account; an omitted WITH CHECK reuses USING and holds.',
  plants: [
    {
      platform: 'supabase',
      base: `${NOTES} CREATE POLICY r ON public.notes FOR SELECT TO authenticated USING (owner_id = auth.uid());`,
      plant:
        'CREATE POLICY u ON public.notes FOR UPDATE TO authenticated USING (owner_id = auth.uid()) WITH CHECK (true);',
      repair: 'ALTER POLICY u ON public.notes WITH CHECK (owner_id = auth.uid());',
    },
  ],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const persona of scene.attackers) {
        const own = rowsOf(scene, relation.name).find(
          (row) => persona.user !== null && namedIn(scene, relation.name, row.values).includes(persona.user),
        );
        const gifts = own ? giftsOf(scene, relation, persona, own) : [];
        if (own && gifts.length > 0) yield trial(scene, relation, persona, own, gifts);
      }
    }
  },
};

/** Each ownership column set to each person who has nothing to do with the row. */
function giftsOf(scene: Scene, relation: Relation, persona: Persona, own: WorldRow): readonly string[] {
  const fixed = relation.columns.filter(({ identity }) => identity === 'a').map(({ name }) => name);
  const columns = (scene.world.identity.get(relation.name) ?? [])
    .map(({ column }) => column)
    .filter((column) => !fixed.includes(column));
  const heirs = peopleFor(scene, persona).filter((user) => !own.related.some((known) => known === user));
  return columns.flatMap((column) => heirs.map((heir) => update(relation, { [column]: heir })));
}

function trial(scene: Scene, relation: Relation, persona: Persona, own: WorldRow, gifts: readonly string[]): Trial {
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'update' },
    persona,
    shape: 'watched',
    probes: worthTrying(scene, relation, persona, 'update', gifts)
      .flatMap((gift) => [gift, gift + where(relation, own.key)])
      .map((sql) => ({ persona, sql })),
    judge: (observations) => judgeEach(observations, (observation) => judgeGift(scene, observation)),
  };
}
