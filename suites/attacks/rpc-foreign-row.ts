/** Calls each routine as oneself, with keys of rows that belong to somebody else. */

import { probeOf, replayedBy } from '../../fixtures/engine/calls.ts';
import { mayWrite } from '../../fixtures/engine/code.ts';
import { aboutHidden } from '../../fixtures/engine/counterparts.ts';
import { looksAt } from '../../fixtures/engine/looks.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { ArgumentValue, Rehearsal, Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { judgeForeignParents } from '../../fixtures/oracles/hanging.ts';
import { parentKeys } from '../../fixtures/oracles/parents.ts';
import { judgeCalls, worstOf } from '../../fixtures/oracles/trial.ts';
import { judgeForeignChanges } from '../../fixtures/oracles/writing.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const NOTE_BODY = (filter: string) => `
CREATE OR REPLACE FUNCTION public.note_body(p_id uuid) RETURNS text LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  SELECT body FROM public.notes WHERE id = p_id ${filter} $$;`;

const DROP_NOTE = (filter: string) => `
CREATE OR REPLACE FUNCTION public.drop_note(p_id uuid) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  DELETE FROM public.notes WHERE id = p_id ${filter} $$;`;

export const attack: Attack = {
  id: 'rpc-foreign-row',
  group: 'rpc',
  severity: 'critical',
  title: 'reaches rows of somebody else through a routine',
  explains:
    'A call that works for its rightful caller is repeated by everybody else, who name themselves truthfully but keep the row arguments.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: NOTE_BODY(''),
      repair: NOTE_BODY('AND owner_id = auth.uid()'),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: DROP_NOTE(''),
      repair: DROP_NOTE('AND owner_id = auth.uid()'),
    },
  ],
  *trials(scene) {
    for (const [name, rehearsal] of scene.calls) {
      const surface = { kind: 'routine', name, verb: 'call' } as const;
      for (const persona of scene.attackers) yield trial(scene, surface, rehearsal, persona);
    }
  },
};

function trial(scene: Scene, surface: Surface, rehearsal: Rehearsal, persona: Persona): Trial {
  if (rehearsal.state === 'unreached') {
    return {
      surface,
      persona,
      shape: 'watched',
      probes: [],
      judge: () =>
        isGuard(scene, surface, rehearsal.reason) ? { state: 'held' } : { state: 'unknown', reason: rehearsal.reason },
    };
  }
  const truthful = (value: ArgumentValue): ArgumentValue =>
    value.meaning === 'caller' ? { ...value, value: persona.user } : value;
  const probe = probeOf(replayedBy(rehearsal.call, persona, truthful));
  const hung = scene.catalog.relations.filter(
    (relation) => rehearsal.touched.includes(relation.name) && parentKeys(scene, relation).length > 0,
  );
  const hidden = aboutHidden(scene, replayedBy(rehearsal.call, persona, truthful), persona);
  const looks = hung.flatMap((relation) => looksAt(scene, relation, persona));
  return {
    surface,
    persona,
    shape: 'watched',
    probes: [
      probe,
      ...looks.map((then) => ({ ...probe, then })),
      ...(hidden === null ? [] : [probeOf(hidden), ...looks.map((then) => ({ ...probeOf(hidden), then }))]),
    ],
    judge: (observations) =>
      judgeCalls(observations, (observation) => {
        const changed = judgeForeignChanges(scene, observation);
        const verdict = worstOf([
          isHousekeeping(rehearsal.call.routine) ? doubted(changed, HOUSEKEEPING) : changed,
          judgeForeignParents(scene, observation),
          judgeReply(scene, surface, observation),
        ]);
        return rehearsal.call.values.some(({ meaning }) => meaning === 'secret') ? doubted(verdict, SECRET) : verdict;
      }),
  };
}

/** It writes nothing, and says yes or refuses by itself: there is no more to be had of it. */
function isGuard({ catalog }: Scene, { name }: Surface, reason: string): boolean {
  if (!REFUSED.test(reason)) return false;
  const routine = catalog.routines.find((one) => one.name === name);
  return routine !== undefined && /^(boolean|void)$/i.test(routine.returns) && !mayWrite(catalog, routine);
}

const REFUSED = /\(SQLSTATE (?:(?:P000\d|42501|28\w{3}|PT\w{3})(?:, )?)+\)/;

const SECRET = 'whoever knows the secret argument is served';
const HOUSEKEEPING = 'anybody may start what looks like a job that keeps rows in order by the clock';

/** It takes nothing, asks for nobody, and looks at the clock: what time has come for happens whoever starts it. */
function isHousekeeping({ arguments: all, body, returns }: Routine): boolean {
  const clock = /\bnow\(\)|\bcurrent_(date|timestamp)\b|\binterval\b/i.test(body);
  const caller = /\bauth\.\w+\(|current_setting|current_user|session_user/i.test(body);
  return all.length === 0 && clock && !caller && /^(void|boolean|integer|bigint|json.*|TABLE.*)$/i.test(returns);
}

/** Whoever was given a token may be meant to use it: that is for the team to say. */
function doubted(verdict: Verdict, why: string): Verdict {
  if (verdict.state !== 'broken') return verdict;
  const observed = `${why} (${verdict.observed}): is that meant?`;
  return { state: 'question', observed, columns: verdict.columns };
}
