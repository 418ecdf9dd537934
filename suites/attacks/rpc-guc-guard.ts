/** Sets the settings by which a project decides who is privileged. */

import { policyTexts } from '../../fixtures/engine/asked.ts';
import { replayedBy } from '../../fixtures/engine/calls.ts';
import { calledBy } from '../../fixtures/engine/code.ts';
import { selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { worstOf } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const STAFF = (test: string) => `
DROP POLICY IF EXISTS staff ON public.notes;
CREATE POLICY staff ON public.notes FOR SELECT TO authenticated USING (${test});`;

export const attack: Attack = {
  id: 'rpc-guc-guard',
  group: 'rpc',
  severity: 'low',
  reachable: 'database_only',
  title: 'becomes privileged by a setting that any client may set',
  explains:
    'Every custom setting that policies and routines ask for is set to each value which they compare it with. A request through the API cannot set it; a connection of one’s own can, and a routine that sets it for its caller.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: STAFF(`current_setting('desk.staff', true) = 'yes'`),
      repair: STAFF(`(auth.jwt() -> 'app_metadata' ->> 'staff') = 'yes'`),
    },
  ],
  *trials(scene) {
    // Elsewhere settings are how the application itself, which holds the connection, names its caller.
    if (scene.platform !== 'supabase') return;
    const outsiders = scene.attackers.filter(({ name }) => ['stranger', 'anon'].includes(name));
    for (const [name, values] of settingsAsked(scene)) {
      for (const persona of outsiders) yield* privileged(scene, name, values, persona);
    }
  },
};

/** Settings of the platform, and those that name the caller. */
const PLATFORM = /^(request|response|pgrst|supabase|storage|realtime|graphql|pgsodium|vault|cron|pg_net)\./i;

const READS = /current_setting\s*\(\s*'([a-z_]\w*(?:\.\w+)+)'(?:::text)?\s*(?:,\s*\w+\s*)?\)([^;]{0,120})/gi;

/** By setting: the texts that stand opposite it, and what says yes. */
function settingsAsked(scene: Scene): ReadonlyMap<string, readonly string[]> {
  const asked = new Map<string, readonly string[]>();
  const routines = [...scene.catalog.routines.filter(({ platform }) => !platform).map(({ body }) => body)];
  const policies = scene.catalog.relations.flatMap((relation) => policyTexts(relation.policies));
  for (const [, name = '', after = ''] of [...policies, ...routines].flatMap((text) => [...text.matchAll(READS)])) {
    if (PLATFORM.test(name) || scene.callerSettings.includes(name)) continue;
    const literals = [...after.matchAll(/'([^']{1,40})'/g)].map(([, value]) => value ?? '');
    const people = [scene.world.circles.a.lead, scene.world.circles.b.lead];
    const values = [...(asked.get(name) ?? []), ...literals.slice(0, 4), 'true', 'on', ...people];
    asked.set(name, [...new Set(values)]);
  }
  return asked;
}

/** One trial for each table and routine whose answer hangs on the setting. */
function* privileged(scene: Scene, setting: string, values: readonly string[], persona: Persona): Iterable<Trial> {
  const surface: Surface = { kind: 'setting', name: setting, verb: 'set' };
  const asking = scene.catalog.routines.filter(({ platform, body }) => !platform && mentions(body, setting));
  const named = (text: string) => mentions(text, setting) || asking.some(({ proname }) => mentions(text, proname));
  const tables = scene.catalog.relations.filter((relation) => policyTexts(relation.policies).some(named));
  for (const relation of tables) {
    const sql = selectFor(scene.catalog, relation, persona);
    yield compared(surface, persona, values, setting, sql, (one) => judgeTableRead(scene, relation, one));
  }
  for (const call of callsAsking(scene, setting, persona)) {
    const judged: Surface = { kind: 'routine', name: call.routine.name, verb: 'call' };
    yield compared(surface, persona, values, setting, call.sql, (one) => judgeReply(scene, judged, one));
  }
}

function callsAsking(scene: Scene, setting: string, persona: Persona): readonly Call[] {
  return [...scene.calls.values()].flatMap((rehearsal) => {
    const known = rehearsal.state === 'happy' ? rehearsal.call : rehearsal.tried[0];
    if (!known || !calledBy(scene.catalog, known.routine).some(({ body }) => mentions(body, setting))) return [];
    return [replayedBy(known, persona)];
  });
}

function compared(
  surface: Surface,
  persona: Persona,
  values: readonly string[],
  name: string,
  sql: string,
  judge: (one: Parameters<Trial['judge']>[0][number]) => Verdict,
): Trial {
  const privileged = values.map((value): Probe => {
    return { persona: { ...persona, settings: [...persona.settings, { name, value }] }, sql };
  });
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql }, ...privileged],
    judge: ([without, ...others]) => {
      if (!without || judge(without).state === 'broken') return { state: 'held' };
      const verdicts = others.map((one, at): Verdict => {
        const verdict = judge(one);
        return verdict.state === 'broken' ? { ...verdict, at: at + 1 } : { state: 'held' };
      });
      return worstOf(verdicts);
    },
  };
}
