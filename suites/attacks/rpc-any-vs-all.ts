/** Sends lists in which one's own rows and those of others are mixed. */

import { foreignLike } from '../../fixtures/engine/counterparts.ts';
import { grounds, isDefiner, variedTrial, withValue } from '../../fixtures/engine/variations.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Json } from '../../fixtures/model/world.ts';
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
        const like: Like = (one) => foreignLike(scene, ground.persona, call.routine, at, one);
        for (const theirs of counterparts(value[0] ?? null, like).slice(0, 2)) {
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

type Like = (value: Json) => readonly Json[];

/** The same cell of foreign rows; in an object, of every key whose value stands in a row. */
function counterparts(item: Json, like: Like): readonly Json[] {
  if (item === null) return [];
  if (typeof item !== 'object') return like(item);
  if (Array.isArray(item)) return [];
  const entries = Object.entries(item);
  return entries.flatMap(([key, value]) =>
    like(value)
      .slice(0, 1)
      .map((theirs) => ({ ...item, [key]: theirs })),
  );
}
