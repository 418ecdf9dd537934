/** Calls token hooks as the public and as a stranger, in the name of other users. */

import { claimsOf, signedIn } from '../../fixtures/act/personas.ts';
import { callOf } from '../../fixtures/engine/calls.ts';
import { isTokenHook } from '../../fixtures/engine/hooks.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';

const RANKS = `
CREATE TABLE public.ranks (person uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, rank text NOT NULL);
ALTER TABLE public.ranks ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.add_rank(event jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE found text;
BEGIN
  SELECT rank INTO found FROM public.ranks WHERE person = (event ->> 'user_id')::uuid;
  RETURN jsonb_set(event, '{claims,rank}', coalesce(to_jsonb(found), 'null'));
END $$;
GRANT EXECUTE ON FUNCTION public.add_rank(jsonb) TO supabase_auth_admin;`;

export const attack: Attack = {
  id: 'supabase-auth-hook-exposed',
  group: 'platform',
  severity: 'medium',
  title: 'asks a token hook about other users',
  explains:
    'A hook that the auth service calls takes an event with a user’s id and answers with that user’s claims. Where callers may execute it, they name somebody else; the answer must be the one that a user gets whom nobody knows.',
  plants: [
    {
      platform: 'supabase',
      base: RANKS,
      plant: 'COMMENT ON FUNCTION public.add_rank(jsonb) IS $$before each token$$;',
      repair: 'REVOKE EXECUTE ON FUNCTION public.add_rank(jsonb) FROM PUBLIC, anon, authenticated;',
    },
  ],
  *trials(scene) {
    const people = scene.attackers.filter(({ role, circle }) => role === 'anon' || circle === null);
    for (const routine of scene.catalog.routines.filter(isTokenHook)) {
      for (const persona of people.filter(({ role, user }) => role === 'anon' || user !== null))
        if (mayExecute(scene.catalog, routine, persona.role)) yield trial(scene, routine, persona);
    }
  },
};

const UNKNOWN = '7d1a4c55-0b9e-4b7e-9d53-6f0a3c1e8b20';

function trial({ world, ...scene }: Scene, routine: Routine, persona: Persona): Trial {
  const { a, b } = world.circles;
  const users = [UNKNOWN, a.lead, a.partner, b.lead, b.partner].map(String);
  const surface: Surface = { kind: 'routine', name: routine.name, verb: 'call' };
  const probes = users.map((user) => {
    const call = callOf(routine, persona, [{ value: eventOf(user), meaning: 'value' }]);
    return { persona, sql: call.sql };
  });
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes,
    judge: (observations) => judge({ world, ...scene }, surface, users, observations),
  };
}

/** As the auth service sends it. */
function eventOf(user: string): Json {
  return { user_id: user, claims: claimsOf(signedIn(user)), authentication_method: 'password' };
}

function judge(
  scene: Scene,
  surface: Surface,
  users: readonly string[],
  observations: readonly Observation[],
): Verdict {
  // What says nothing but the user's own id is the same for everybody.
  const told = observations.map(({ rows, error }, at) =>
    error ? null : JSON.stringify(rows).replaceAll(users[at] ?? '', 'user'),
  );
  const at = told.findIndex((text, place) => place > 0 && text !== null && text !== told[0]);
  const shown = observations[at];
  if (!shown) return { state: 'held' };
  const leak = judgeCanaries(scene, surface, shown);
  const { name } = shown.probe.persona;
  return {
    state: 'broken',
    expected: `${name} cannot call what the auth service calls`,
    observed: `${name} called ${surface.name} for another user and got other claims than for a user whom nobody knows`,
    columns: leak.state === 'broken' ? leak.columns : [],
    at,
    severity: leak.state === 'broken' ? 'high' : 'medium',
  };
}
