/** Puts temporary tables in the place of those that a definer routine names without their schema. */

import { callOf, replayedBy } from '../../fixtures/engine/calls.ts';
import { candidatesFor } from '../../fixtures/engine/candidates.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { selectFor } from '../../fixtures/engine/scene.ts';
import { letsTemporaryIn, readByBareName, shadowsOf } from '../../fixtures/engine/shadows.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { ArgumentValue, Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges } from '../../fixtures/oracles/writing.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const STAFF = `${NOTES} ${OWN_NOTES}
CREATE TABLE public.staff (member uuid PRIMARY KEY REFERENCES auth.users (id), level text NOT NULL DEFAULT 'clerk');
ALTER TABLE public.staff ENABLE ROW LEVEL SECURITY;`;

const ALL_NOTES = (path: string) => `
CREATE OR REPLACE FUNCTION public.all_notes() RETURNS SETOF public.notes LANGUAGE plpgsql SECURITY DEFINER ${path} AS $$
BEGIN
  IF NOT EXISTS (SELECT FROM staff AS s WHERE s.member = auth.uid() AND s.level = 'head') THEN RAISE 'not for you'; END IF;
  RETURN QUERY SELECT * FROM public.notes;
END $$;`;

const HEADS_SEE = `
CREATE FUNCTION public.is_head() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT EXISTS (SELECT FROM staff WHERE member = auth.uid() AND level = 'head') $$;
CREATE POLICY "heads see all" ON public.notes FOR SELECT TO authenticated USING (public.is_head());`;

export const attack: Attack = {
  id: 'path-temp-shadow',
  group: 'function',
  severity: 'low',
  reachable: 'database_only',
  title: 'answers a routine’s question by a temporary table',
  explains:
    'pg_temp is searched first for tables unless search_path names it last. Where a definer routine reads a table by its bare name, the caller makes a temporary one with a favourable row; then the call, or the policy that asks the routine, gives what was refused before.',
  plants: [
    {
      platform: 'supabase',
      base: STAFF,
      plant: ALL_NOTES('SET search_path = public'),
      repair: ALL_NOTES('SET search_path = public, pg_temp'),
    },
    {
      platform: 'supabase',
      base: STAFF,
      plant: HEADS_SEE,
      repair: 'ALTER FUNCTION public.is_head() SET search_path = public, pg_temp;',
    },
  ],
  repair: ({ name }) =>
    `-- or name every table with its schema, and set search_path to ''\nALTER FUNCTION ${name} SET search_path = public, pg_temp;`,
  *trials(scene) {
    for (const routine of scene.catalog.routines.filter((one) => isOpen(one))) {
      const tables = readByBareName(scene, routine).slice(0, MOST_TABLES);
      const [persona] = bystanders(scene.attackers.filter(({ user }) => user !== null)).filter(({ role }) =>
        mayExecute(scene.catalog, routine, role),
      );
      const acts = persona ? actsOn(scene, routine, persona) : [];
      if (!persona || acts.length === 0) continue;
      for (const table of tables) yield* acts.map((sql) => trial(scene, routine, table, persona, sql));
    }
  },
};

const MOST_TABLES = 3;
const MOST_READS = 2;

function isOpen(routine: Routine): boolean {
  const named = ['function', 'procedure'].includes(routine.kind) && ['sql', 'plpgsql'].includes(routine.language);
  return !routine.platform && routine.securityDefiner && named && letsTemporaryIn(routine);
}

/** The call itself, and what the policies that ask the routine show. */
function actsOn(scene: Scene, routine: Routine, persona: Persona): readonly string[] {
  const asking = scene.catalog.relations.filter(
    (relation) =>
      !relation.platform &&
      relation.policies.some(
        ({ using, command }) =>
          ['select', 'all'].includes(command) && using !== null && mentions(using, routine.proname),
      ),
  );
  const reads = asking.slice(0, MOST_READS).map((relation) => selectFor(scene.catalog, relation, persona));
  return [...callsOf(scene, routine, persona), ...reads];
}

/** The call that works for its rightful caller; where nobody is rightful, the likeliest ones. */
function callsOf(scene: Scene, routine: Routine, persona: Persona): readonly string[] {
  const rehearsal = scene.calls.get(routine.name);
  const truthful = (value: ArgumentValue): ArgumentValue =>
    value.meaning === 'caller' ? { ...value, value: persona.user } : value;
  if (rehearsal?.state === 'happy') return [replayedBy(rehearsal.call, persona, truthful).sql];
  const choices = routine.arguments.map((argument, at) =>
    candidatesFor(argument, at, routine, persona, scene.world, scene.catalog),
  );
  const nothing: ArgumentValue = { value: null, meaning: 'value' };
  const calls = [0, 1].map((place) => choices.map((some) => some[place] ?? some[0] ?? nothing));
  return [...new Set(calls.map((values) => callOf(routine, persona, values).sql))];
}

function trial(scene: Scene, routine: Routine, table: Relation, persona: Persona, sql: string): Trial {
  const surface = { kind: 'routine', name: routine.name, verb: 'call' } as const;
  const shadowed = shadowsOf(scene, table, persona, routine).map((made): Probe => ({ persona, first: [made], sql }));
  return {
    surface,
    persona,
    shape: 'watched',
    probes: [{ persona, sql }, ...shadowed],
    judge: ([before, ...after]) => {
      // What is open without any temporary table is for other attacks to say.
      if (!before || gainOf(scene, surface, before).state !== 'held') return { state: 'held' };
      const gains = after.map((observation) => gainOf(scene, surface, observation));
      const at = gains.findIndex(({ state }) => state === 'broken');
      const gain = gains[at];
      return gain?.state === 'broken' ? told(routine, table, gain, at + 1) : { state: 'held' };
    },
  };
}

/** What the caller put into the temporary table comes back as no news. */
function gainOf(scene: Scene, surface: Surface, observation: Observation): Verdict {
  const { probe } = observation;
  const known = { ...observation, probe: { ...probe, sql: [...(probe.first ?? []), probe.sql].join('\n') } };
  return worstOf([judgeCanaries(scene, surface, known), judgeForeignChanges(scene, observation)]);
}

function told(routine: Routine, table: Relation, gain: Extract<Verdict, { state: 'broken' }>, at: number): Verdict {
  return {
    ...gain,
    at,
    expected: `${routine.name} reads ${table.name} whatever temporary tables its caller has made`,
    observed: `${gain.observed}, once a temporary table ${table.relname} stood in the place of ${table.name}`,
  };
}
