/** Calls each routine with an identity argument that names another signed-in user, or nobody. */

import { isIdentity, nobody, replayedBy } from '../../fixtures/engine/calls.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import { judgeActingAs } from '../../fixtures/oracles/acting-as.ts';
import { judgeCalls } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const ADD_NOTE = (guard: string) => `
CREATE OR REPLACE FUNCTION public.add_note(p_owner_id uuid, p_body text) RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE made uuid;
BEGIN
  ${guard}
  INSERT INTO public.notes (owner_id, body) VALUES (p_owner_id, p_body) RETURNING id INTO made;
  RETURN made;
END $$;`;

const GUARD = `IF p_owner_id IS DISTINCT FROM auth.uid() THEN RAISE 'not you' USING ERRCODE = '42501'; END IF;`;

const LIST_NOTES = (filter: string) => `
CREATE OR REPLACE FUNCTION public.list_notes(p_user uuid) RETURNS SETOF public.notes LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.notes WHERE owner_id = p_user ${filter} $$;`;

export const attack: Attack = {
  id: 'rpc-identity-argument',
  group: 'rpc',
  severity: 'critical',
  title: 'acts as another user through an identity argument',
  explains:
    'A call that works for its rightful caller is repeated by every other signed-in persona with the same arguments, with each identity argument swapped alone, and with NULL.',
  plants: [
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: ADD_NOTE(''), repair: ADD_NOTE(GUARD) },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: LIST_NOTES(''),
      repair: LIST_NOTES('AND p_user = auth.uid()'),
    },
  ],
  *trials(scene) {
    for (const [name, rehearsal] of scene.calls) {
      if (rehearsal.state !== 'happy' || !rehearsal.call.values.some(isIdentity)) continue;
      const surface = { kind: 'routine', name, verb: 'call' } as const;
      for (const persona of scene.attackers.filter(
        ({ user }) => user !== null && user !== rehearsal.call.persona.user,
      )) {
        const calls = [
          ...swaps(rehearsal.call, persona),
          ...others(scene, rehearsal.call, persona),
          replayedBy(rehearsal.call, persona, nobody),
        ];
        yield {
          surface,
          persona,
          shape: 'watched',
          probes: calls.map(({ sql }) => ({ persona, sql })),
          judge: (observations) =>
            judgeCalls(observations, (observation) => judgeActingAs(scene, surface, observation)),
        };
      }
    }
  },
};

/** Everything as the rightful caller said it; and, where there are several, each identity argument alone. */
function swaps(call: Call, persona: Call['persona']): readonly Call[] {
  const places = call.values.flatMap((value, at) => (isIdentity(value) ? [at] : []));
  const alone =
    places.length < 2
      ? []
      : places.map((place) =>
          replayedBy(call, persona, (value, at) =>
            isIdentity(value) && at !== place ? { ...value, value: persona.user } : value,
          ),
        );
  return [replayedBy(call, persona), ...alone];
}

/** Everybody else is named, too: the rightful caller's own rows may be public. */
function others({ world }: Scene, call: Call, persona: Call['persona']): readonly Call[] {
  const { a, b } = world.circles;
  return [a.lead, a.partner, b.lead]
    .filter((user) => user !== persona.user && user !== call.persona.user)
    .map((user) => replayedBy(call, persona, (value) => (isIdentity(value) ? { ...value, value: user } : value)));
}
