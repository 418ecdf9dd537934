/** Calls each function of one name by the arguments that choose it: one that forgot to ask stands beside one that asks. */

import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { pathOf, profileOf } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { concerns, worldRow } from '../../fixtures/oracles/ownership.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const GET_NOTE = (given: string, test: string) => `
CREATE OR REPLACE FUNCTION public.get_note(${given}) RETURNS SETOF public.notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.notes WHERE ${test}
$$;`;

const GUARDED = NOTES + OWN_NOTES + GET_NOTE('p_id uuid', 'id = p_id AND owner_id = (SELECT auth.uid())');

export const attack: Attack = {
  id: 'http-overload',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'calls another function of the same name, which does not ask who calls',
  explains:
    'PostgREST chooses among functions of one name by the names of the arguments alone, and takes one with a single unnamed JSON argument where no other fits. Each is called with the arguments that choose it, in values with which the others work; what one of them shows or changes though another refuses it is a hole.',
  plants: [
    {
      platform: 'supabase',
      base: GUARDED,
      plant: GET_NOTE('p_id text, p_format text', 'id::text = p_id'),
      repair: GET_NOTE('p_id text, p_format text', 'id::text = p_id AND owner_id = (SELECT auth.uid())'),
    },
    {
      platform: 'supabase',
      base: GUARDED,
      plant: GET_NOTE('jsonb', `id::text = $1 ->> 'p_id'`),
      repair: 'REVOKE EXECUTE ON FUNCTION public.get_note(jsonb) FROM PUBLIC, anon, authenticated;',
    },
  ],
  repair: ({ name }) => `DROP FUNCTION ${name};  -- or ask there who calls, as the others of its name do`,
  *trials(scene) {
    const groups = Map.groupBy(
      scene.catalog.routines.filter(({ platform, kind }) => !platform && kind === 'function'),
      ({ schema, proname }) => JSON.stringify([schema, proname]),
    );
    for (const overloads of groups.values()) {
      if (overloads.length < 2 || overloads.some(({ returns }) => returns === 'trigger')) continue;
      for (const persona of scene.attackers.filter(({ name }) => ['stranger', 'anon'].includes(name)))
        yield* chosen(scene, overloads, persona);
    }
  },
};

type Values = { readonly [name: string]: Json };

/** What is known of the arguments of any of them, from calls that work or come near. */
function valuesOf(scene: Scene, overloads: readonly Routine[]): Values {
  const calls = overloads.flatMap(({ name }) => {
    const rehearsal = scene.calls.get(name);
    return rehearsal?.state === 'happy' ? [rehearsal.call] : (rehearsal?.tried.slice(0, 1) ?? []);
  });
  const named = calls
    .toReversed()
    .flatMap(({ routine, values }) =>
      values.map(({ value }, at) => [routine.arguments[at]?.name ?? '', value] as const),
    );
  return Object.fromEntries(named.filter(([name, value]) => name !== '' && value !== null));
}

function* chosen(scene: Scene, overloads: readonly Routine[], persona: Persona): Iterable<Trial> {
  const known = valuesOf(scene, overloads);
  const open = overloads.filter((routine) => mayExecute(scene.catalog, routine, persona.role));
  const asked = open.flatMap((routine) => {
    const probe = probeOf(scene, routine, known, persona);
    return probe === null ? [] : [{ routine, probe }];
  });
  if (asked.length < 2) return;
  for (const [at, { routine }] of asked.entries()) {
    const surface: Surface = { kind: 'routine', name: routine.name, verb: 'call' };
    yield {
      surface,
      persona,
      shape: 'http',
      probes: [...asked.filter((_, place) => place !== at), ...asked.slice(at, at + 1)].map(({ probe }) => probe),
      judge: (observations) => judge(scene, surface, observations),
    };
  }
}

/** Its own arguments; of an unnamed JSON argument every key that any of them knows, and one that nobody takes. */
function probeOf(scene: Scene, routine: Routine, known: Values, persona: Persona): Probe | null {
  const headers = scene.door ? profileOf(scene.door, routine.schema, 'POST') : null;
  if (headers === null) return null;
  const unnamed = routine.arguments.length === 1 && routine.arguments[0]?.name === '';
  const own = routine.arguments.filter(({ hasDefault, name }) => !hasDefault || name in known);
  const given = unnamed
    ? { ...known, rowproof_chooses: true }
    : Object.fromEntries(own.map(({ name }) => [name, known[name] ?? '']));
  return requestProbe(persona, { method: 'POST', path: pathOf(routine), headers, body: JSON.stringify(given) });
}

/** The last is the one in question; where every other opens as much, it is no matter of choosing. */
function judge(scene: Scene, surface: Surface, observations: readonly Observation[]): Verdict {
  const verdicts = observations.map((one) => judgeOne(scene, surface, one));
  const last = verdicts.at(-1);
  const refused = verdicts.slice(0, -1).some(({ state }) => state === 'held');
  return last?.state === 'broken' && refused ? { ...last, at: observations.length - 1 } : { state: 'held' };
}

function judgeOne(scene: Scene, surface: Surface, observation: Observation): Verdict {
  const { persona } = observation.probe;
  const changed = (observation.changes ?? []).find(({ relation, before }) => {
    const row = before === null ? null : worldRow(scene, relation, before);
    return row !== null && !concerns(row, persona);
  });
  if (changed === undefined) return judgeReply(scene, surface, observation);
  return {
    state: 'broken',
    expected: `${persona.name} changes no row that does not concern them`,
    observed: `${persona.name} changed a row of ${changed.relation} through ${surface.name}`,
    columns: Object.keys(changed.before ?? {}).map((column) => `${changed.relation}.${column}`),
  };
}
