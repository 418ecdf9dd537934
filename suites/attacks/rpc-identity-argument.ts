/** Calls each routine with an identity argument that names another signed-in user, or nobody. */

import { isIdentity, nobody, probeOf, replayedBy } from '../../fixtures/engine/calls.ts';
import { demotions } from '../../fixtures/engine/demotion.ts';
import { type Impersonable, impersonables, impersonation, namingOthers } from '../../fixtures/engine/impersonation.ts';
import { namingRecords } from '../../fixtures/engine/record-arguments.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Surface } from '../../fixtures/model/verdict.ts';
import { byOffice } from '../../fixtures/oracles/deeds.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { judgeCalls, worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges, judgeForgery, judgeGift } from '../../fixtures/oracles/writing.ts';
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

const LINES = `
CREATE TABLE public.lines (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  note_id uuid NOT NULL REFERENCES public.notes (id),
  author_id uuid NOT NULL REFERENCES auth.users (id),
  content text NOT NULL
);
ALTER TABLE public.lines ENABLE ROW LEVEL SECURITY;`;

/** Whose note it is is checked; who writes in it is believed. */
const ADD_LINE = (author: string) => `
CREATE OR REPLACE FUNCTION public.add_line(p_note_id uuid, p_author_id uuid, p_content text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM public.notes WHERE id = p_note_id AND owner_id = auth.uid()) THEN RAISE 'not your note' USING ERRCODE = '42501'; END IF;
  INSERT INTO public.lines (note_id, author_id, content) VALUES (p_note_id, ${author}, p_content);
END $$;`;

export const attack: Attack = {
  id: 'rpc-identity-argument',
  group: 'rpc',
  severity: 'critical',
  title: 'acts as another user through an identity argument',
  explains:
    'A call that works for its rightful caller is repeated by every other signed-in persona with the same arguments, with each identity argument swapped alone, and with NULL; the rightful caller, too, claims to be each of the others.',
  plants: [
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: ADD_NOTE(''), repair: ADD_NOTE(GUARD) },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: LIST_NOTES(''),
      repair: LIST_NOTES('AND p_user = auth.uid()'),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES + LINES,
      plant: ADD_LINE('p_author_id'),
      repair: ADD_LINE('auth.uid()'),
    },
  ],
  *trials(scene) {
    for (const { surface, rehearsal } of impersonables(scene)) {
      const { call } = rehearsal;
      // Administrators act for others; that is what their routines are for.
      if (scene.attackers.includes(call.persona)) yield rightful(scene, surface, rehearsal);
      for (const persona of scene.attackers.filter(({ user }) => user !== null && user !== call.persona.user)) {
        const calls = [
          ...swaps(call, persona),
          ...namingOthers(scene, call, persona),
          replayedBy(call, persona, nobody),
        ];
        yield impersonation(scene, surface, persona, calls);
      }
    }
    for (const [name, rehearsal] of scene.calls) {
      if (rehearsal.state !== 'happy' || !scene.attackers.includes(rehearsal.call.persona)) continue;
      const calls = namingRecords(scene, rehearsal.call);
      if (calls.length > 0) yield claiming(scene, { kind: 'routine', name, verb: 'call' }, rehearsal, calls);
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

/** The one for whom the call works says of each person in turn that it is them. */
function rightful(scene: Scene, surface: Surface, rehearsal: Impersonable['rehearsal']): Trial {
  return claiming(scene, surface, rehearsal, namingOthers(scene, rehearsal.call, rehearsal.call.persona));
}

function claiming(
  scene: Scene,
  surface: Surface,
  { call: { persona }, touched }: Impersonable['rehearsal'],
  calls: readonly Call[],
): Trial {
  const given = demotions(scene, persona);
  const probes = calls.map((one) => probeOf(one));
  const judge = (observation: Observation) =>
    worstOf([
      ...touched.map((relation) => judgeForgery(scene, relation, observation)),
      judgeForeignChanges(scene, observation),
      judgeGift(scene, observation),
      judgeReply(scene, surface, observation),
    ]);
  return {
    surface,
    persona,
    shape: 'watched',
    probes: [
      ...probes,
      ...(given.length === 0 ? [] : probes.map((probe) => ({ ...probe, given: [...(probe.given ?? []), ...given] }))),
    ],
    judge: (observations) => {
      const plain = new Map(observations.slice(probes.length).map((one) => [one.probe.sql, judge(one)]));
      return judgeCalls(observations.slice(0, probes.length), (observation) =>
        byOffice(scene, judge(observation), plain.get(observation.probe.sql) ?? null),
      );
    },
  };
}
