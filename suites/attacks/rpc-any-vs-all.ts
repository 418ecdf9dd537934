/** Sends lists in which one's own rows and those of others are mixed. */

import { bareName } from '../../fixtures/engine/person-arguments.ts';
import { grounds, isDefiner, variedTrial, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';
import { concerns, isPublished, isReadable } from '../../fixtures/oracles/ownership.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const DROP_NOTES = (body: string) => `
CREATE OR REPLACE FUNCTION public.drop_notes(p_ids uuid[]) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ${body}
END $$;`;

export const attack: Attack = {
  id: 'rpc-any-vs-all',
  group: 'rpc',
  severity: 'critical',
  title: 'reaches rows of others by naming them beside its own',
  explains:
    'A list of the caller’s own keys is extended by a key of somebody else, before and after, and with repetitions: a check that one of them is mine lets all of them pass.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: DROP_NOTES(
        `IF NOT EXISTS (SELECT FROM public.notes WHERE id = ANY (p_ids) AND owner_id = auth.uid()) THEN RAISE 'not yours' USING ERRCODE = '42501'; END IF;
  DELETE FROM public.notes WHERE id = ANY (p_ids);`,
      ),
      repair: DROP_NOTES('DELETE FROM public.notes WHERE id = ANY (p_ids) AND owner_id = auth.uid();'),
    },
  ],
  *trials(scene) {
    for (const ground of grounds(scene, isDefiner(scene))) {
      if (ground.rehearsal.state !== 'happy') continue;
      const [call] = ground.calls;
      for (const [at, { value, meaning }] of (call?.values ?? []).entries()) {
        if (!call || !Array.isArray(value) || meaning === 'secret') continue;
        const meant = meantBy(call.routine, at);
        for (const theirs of counterparts(scene, ground.persona, value[0] ?? null, meant).slice(0, 2)) {
          const varied = mixtures(value[0] ?? null, theirs).map((list) => withValue(call, at, list));
          yield variedTrial(scene, ground, withValue(call, at, [theirs]), varied);
        }
      }
    }
  },
};

/** The control names theirs alone: where that works, the list is not to blame. */
function mixtures(mine: Json, theirs: Json): readonly (readonly Json[])[] {
  return [
    [mine, theirs],
    [theirs, mine],
    [mine, mine, theirs],
  ];
}

/** The same cell of foreign rows; in an object, of every key whose value stands in a row. */
function counterparts(scene: Scene, persona: Persona, item: Json, meant: Meant): readonly Json[] {
  if (item === null) return [];
  if (typeof item !== 'object' || item === null) return foreignLike(scene, persona, item, meant);
  if (Array.isArray(item)) return [];
  const entries = Object.entries(item);
  return entries.flatMap(([key, value]) =>
    foreignLike(scene, persona, value, meant)
      .slice(0, 1)
      .map((theirs) => ({ ...item, [key]: theirs })),
  );
}

/** How likely the argument means rows of a relation: small numbers are keys in many. */
type Meant = (relation: string) => number;

function meantBy({ arguments: all, body }: Routine, at: number): Meant {
  const stem = bareName(all[at]?.name ?? '').replace(/_?(id|uuid|key)?s?$/, '');
  return (relation) => {
    const name = relation.split('.')[1] ?? relation;
    const called = stem !== '' && [stem, `${stem}s`, `${stem}es`, stem.replace(/y$/, 'ies')].includes(name);
    return called ? 2 : Number(mentions(body, name));
  };
}

function foreignLike(scene: Scene, persona: Persona, value: Json, meant: Meant): readonly Json[] {
  if (typeof value !== 'string' && typeof value !== 'number') return [];
  const [cell] = scene.world.rows
    .flatMap(({ relation, key }) =>
      Object.entries(key).flatMap(([column, one]) => (one === value ? [{ relation, column }] : [])),
    )
    .toSorted((one, other) => meant(other.relation) - meant(one.relation));
  if (!cell) return [];
  // What is open to everybody proves nothing.
  const isOpen = (row: WorldRow) => Number(isReadable(scene, persona, row) || isPublished(scene, persona, row));
  return scene.world.rows
    .filter((row) => row.relation === cell.relation && !concerns(row, persona) && row.variant !== 'ownerless')
    .toSorted((one, other) => isOpen(one) - isOpen(other))
    .flatMap((row) => row.values[cell.column] ?? [])
    .filter((one) => one !== value);
}
