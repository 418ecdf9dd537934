/** Holds the advisory lock that a routine waits for, and lets its rightful caller try. */

import { workingCall } from '../../fixtures/engine/calls.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';

const CLOSE = (wait: string) => `
CREATE OR REPLACE FUNCTION public.close_day() RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  ${wait};
  RETURN 1;
END $$;`;

export const attack: Attack = {
  id: 'session-advisory-lock',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'keeps everybody else waiting for an advisory lock',
  explains:
    'Advisory locks have no owner and no list of rights. Where a routine takes one by a key that stands in its text, somebody else takes it first on a connection of their own, and the routine waits for ever.',
  plants: [
    {
      platform: 'supabase',
      base: 'CREATE TABLE public.days (id int PRIMARY KEY); ALTER TABLE public.days ENABLE ROW LEVEL SECURITY; INSERT INTO public.days VALUES (1);',
      plant: CLOSE("PERFORM pg_advisory_xact_lock(hashtext('close day'))"),
      repair: CLOSE('PERFORM 1 FROM public.days WHERE id = 1 FOR UPDATE'),
    },
  ],
  *trials(scene) {
    for (const name of scene.calls.keys()) {
      const routine = scene.catalog.routines.find((one) => one.name === name);
      const [lock] = routine ? locksIn(routine) : [];
      const call = routine && lock ? workingCall(scene, routine) : null;
      const holder = scene.attackers.findLast(({ user }) => user === null) ?? scene.attackers.at(-1);
      if (routine && lock && call && holder) yield trial(routine, lock, call, holder);
    }
  },
};

const WAITS = /\bpg_advisory_(?:xact_)?lock(?:_shared)?\s*\(/gi;
/** What a key may be made of so that everybody can work it out: literals, hashes of literals, casts. */
const GUESSABLE =
  /^(?:'[^']*'|\d|\b(?:hashtext|hashtextextended|bigint|int8|int4|int|integer|text|md5|abs)\b|::|[\s(),+*-])+$/i;

/** Keys of the locks that the routine waits for, as its text says them. */
function locksIn({ body }: Routine): readonly string[] {
  return [...body.matchAll(WAITS)].flatMap((match) => {
    const key = upToClosing(body.slice(match.index + match[0].length));
    return key !== null && /['\d]/.test(key) && GUESSABLE.test(key) ? [key.trim()] : [];
  });
}

function upToClosing(text: string): string | null {
  let open = 1;
  for (const [at, sign] of [...text].entries()) {
    if (sign === '(') open += 1;
    if (sign === ')') open -= 1;
    if (open === 0) return [...text].slice(0, at).join('');
  }
  return null;
}

function trial(routine: Routine, key: string, call: Call, holder: Persona): Trial {
  return {
    surface: { kind: 'routine', name: routine.name, verb: 'call' },
    persona: holder,
    shape: 'committed',
    probes: [
      { persona: call.persona, sql: call.sql },
      { persona: holder, sql: `SELECT pg_advisory_lock(${key})`, on: 1 },
      { persona: call.persona, first: ["SET LOCAL lock_timeout = '200ms'"], sql: call.sql },
    ],
    judge: (observations) => judge(routine, key, holder, observations),
  };
}

function judge(routine: Routine, key: string, holder: Persona, observations: readonly Observation[]): Verdict {
  const [alone, held, blocked] = observations;
  if (!alone || alone.error || !held || held.error || blocked?.error?.sqlstate !== '55P03') return { state: 'held' };
  return {
    state: 'broken',
    expected: `${routine.name} waits for nobody who has nothing to do with it`,
    observed: `${holder.name} held the lock ${key}, and ${routine.name} waited until it was cancelled (SQLSTATE 55P03)`,
    columns: [],
    at: 2,
  };
}
