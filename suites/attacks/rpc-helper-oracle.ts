/** Asks routines that answer yes or no about people other than the caller. */

import { isIdentity, probeOf, replayedBy, shapeFor } from '../../fixtures/engine/calls.ts';
import { impersonables, naming } from '../../fixtures/engine/impersonation.ts';
import { isDefiner } from '../../fixtures/engine/variations.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Severity, Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { NOTES } from '../plants.ts';

const SEATS = `${NOTES}
CREATE TABLE public.seats (note_id uuid NOT NULL REFERENCES public.notes (id), user_id uuid NOT NULL REFERENCES auth.users (id), PRIMARY KEY (note_id, user_id));
ALTER TABLE public.seats ENABLE ROW LEVEL SECURITY;`;

const SITS = (who: string) => `
CREATE OR REPLACE FUNCTION public.sits_at(p_note uuid, p_user uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT ${who} EXISTS (SELECT FROM public.seats WHERE note_id = p_note AND user_id = p_user) $$;`;

export const attack: Attack = {
  id: 'rpc-helper-oracle',
  group: 'rpc',
  severity: 'low',
  title: 'is told about somebody else what only they should learn',
  explains:
    'A routine without texts in its answer is asked about its rightful caller by others, and about somebody whom nobody knows: where the answers differ, it tells.',
  plants: [{ platform: 'supabase', base: SEATS, plant: SITS(''), repair: SITS('p_user = auth.uid() AND') }],
  *trials(scene) {
    for (const { surface, rehearsal } of impersonables(scene)) {
      const { call, effect } = rehearsal;
      if (effect !== 'quiet' || !isDefiner(scene)(call.routine)) continue;
      const others = scene.attackers.filter(
        ({ user, role }) =>
          user !== null && user !== call.persona.user && mayExecute(scene.catalog, call.routine, role),
      );
      for (const persona of others) yield asking(scene, surface, call, persona);
    }
  },
};

/** A user id that nobody has. */
const NOBODY = '00000000-0000-4000-8000-000000000000';

function asking(scene: Scene, surface: Surface, call: Call, persona: Call['persona']): Trial {
  const calls = [call, replayedBy(call, persona), naming(call, persona, nobodyLike(call))];
  const probes = calls.map((one) => probeOf(one));
  return {
    surface,
    persona,
    shape: shapeFor(probes),
    probes,
    judge: (observations) => judge(scene, call, persona.name, observations),
  };
}

/** Nobody’s id, in the shape that the argument has. */
function nobodyLike({ values }: Call): string {
  const named = values.find(isIdentity)?.value;
  return typeof named === 'string' && /^\d+$/.test(named) ? '2147480000' : NOBODY;
}

function judge(scene: Scene, { routine }: Call, who: string, observations: readonly Observation[]): Verdict {
  const [rightful, told, nothing] = observations.map(({ error, rows }) =>
    error === null ? JSON.stringify(rows) : null,
  );
  if (typeof told !== 'string' || told !== rightful || told === nothing) return { state: 'held' };
  const observed = `${who} was told about somebody else what they are told themselves`;
  const severity = worth(scene, routine);
  if (severity === null) return { state: 'question', observed: `${observed}: is that meant?`, columns: [] };
  return { state: 'broken', expected: `${who} is told nothing of others`, observed, columns: [], severity, at: 1 };
}

/** Yes or no is little; a sum or a date is somebody’s own; how many there are is often shown to all. */
function worth({ catalog }: Scene, { proname, returns, body }: Routine): Severity | null {
  const asked = catalog.relations.some(({ policies }) =>
    policies.some(({ using, withCheck }) => mentions(`${using} ${withCheck}`, proname)),
  );
  if (asked || /^boolean$/i.test(returns)) return 'low';
  if (/\bcount\s*\(/i.test(body)) return null;
  return /^(numeric|money|date|timestamp|double|real|bigint|integer)/i.test(returns) &&
    /\b(sum\s*\(|balance|salary|amount|income|birth)/i.test(body)
    ? 'high'
    : null;
}
