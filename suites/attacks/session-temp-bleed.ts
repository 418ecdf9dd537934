/** Looks, as the next request on a connection, at the temporary tables and cursors that a routine left there. */

import { replayedBy, workingCall } from '../../fixtures/engine/calls.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const DRAFT = (end: string) => `
CREATE OR REPLACE FUNCTION public.draft_report() RETURNS int LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE n int;
BEGIN
  DROP TABLE IF EXISTS pg_temp.draft;
  CREATE TEMPORARY TABLE draft ${end} AS SELECT id, body FROM public.notes;
  SELECT count(*) INTO n FROM draft;
  RETURN n;
END $$;`;

const PAGE = (end: string) => `
CREATE OR REPLACE FUNCTION public.my_page() RETURNS SETOF text LANGUAGE plpgsql AS $$
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS page ${end} AS SELECT body FROM public.notes;
  RETURN QUERY SELECT body FROM page;
END $$;`;

const OPEN = (hold: string) => `
CREATE OR REPLACE FUNCTION public.open_notes() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  EXECUTE 'DECLARE mine CURSOR ${hold} FOR SELECT * FROM public.notes WHERE owner_id = auth.uid()';
END $$;`;

export const attack: Attack = {
  id: 'session-temp-bleed',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads what an earlier request left on the connection',
  explains:
    'On one connection: a routine that makes a temporary table, or a cursor that is held, is called and committed; somebody else then reads every such table and cursor by its name, and calls the routine again.',
  plants: [
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: DRAFT(''), repair: DRAFT('ON COMMIT DROP') },
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: PAGE(''), repair: PAGE('ON COMMIT DROP') },
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: OPEN('WITH HOLD'), repair: OPEN('') },
  ],
  *trials(scene) {
    for (const name of scene.calls.keys()) {
      const routine = scene.catalog.routines.find((one) => one.name === name);
      const call = routine ? callOf(scene, routine) : null;
      if (!routine || !call || left(routine).length === 0) continue;
      for (const persona of nextCallers(scene, call)) yield trial(scene, routine, call, persona);
    }
  },
};

const TABLE =
  /\bcreate\s+(?:local\s+|global\s+)?temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?(?:pg_temp\.)?"?(\w+)/gi;
const HELD = /\bdeclare\s+"?(\w+)"?\s+(?:\w+\s+)*?cursor\s+with\s+hold\b/gi;

/** What the routine's text makes, as the statement that reads it. */
function left({ body }: Routine): readonly string[] {
  return [
    ...[...body.matchAll(TABLE)].map(([, name]) => `SELECT * FROM pg_temp.${ident(name ?? '')}`),
    ...[...body.matchAll(HELD)].map(([, name]) => `FETCH ALL FROM ${ident(name ?? '')}`),
  ];
}

/** By somebody whose rows can be told from those of the next caller. */
function callOf(scene: Scene, routine: Routine): Call | null {
  const call = workingCall(scene, routine);
  return call?.persona.circle === null ? null : call;
}

/** A stranger in the same role, and callers without an account. */
function nextCallers({ attackers }: Scene, { persona }: Call): readonly Persona[] {
  const others = attackers.filter(({ circle }) => circle === null);
  const same = others.find(({ role, user }) => role === persona.role && user !== null);
  const nobody = others.findLast(({ user }) => user === null);
  return [same, nobody].filter((one) => one !== undefined);
}

function trial(scene: Scene, routine: Routine, call: Call, persona: Persona): Trial {
  const surface: Surface = { kind: 'routine', name: routine.name, verb: 'call' };
  const again: Probe = { persona, sql: replayedBy(call, persona).sql };
  return {
    surface,
    persona,
    shape: 'committed',
    probes: [
      { ...again, on: 1 },
      { persona: call.persona, sql: call.sql },
      // A routine may clear up before it begins: so its second call comes last.
      ...left(routine).map((sql) => ({ persona, sql })),
      again,
    ],
    judge: (observations) => judge(scene, surface, routine, observations),
  };
}

function judge(scene: Scene, surface: Surface, routine: Routine, observations: readonly Observation[]): Verdict {
  const [alone, call, ...rest] = observations;
  const again = rest.at(-1);
  if (!alone || !call || !again || call.error) return { state: 'held' };
  // What the routine tells on a connection of one's own is another attack's matter.
  const plain = judgeCanaries(scene, surface, alone).state === 'broken';
  for (const read of plain ? rest.slice(0, -1) : [again, ...rest.slice(0, -1)]) {
    const leak = judgeCanaries(scene, surface, read);
    if (leak.state !== 'broken') continue;
    return {
      state: 'broken',
      expected: `after ${routine.name} has been committed, nothing of it is left on the connection`,
      observed: `${leak.observed} by ${read.probe.sql}, on the connection of an earlier call`,
      columns: leak.columns,
      at: observations.indexOf(read),
      ownConnection: true,
      severity: read === again ? 'high' : 'low',
    };
  }
  return { state: 'held' };
}
