/** Joins, and sends to, channels of the change feed that the caller has nothing to do with. */

import { policyTexts } from '../../fixtures/engine/asked.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Policy } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { literal } from '../../fixtures/wire/escape.ts';

const MINE = "realtime.topic() = 'desk:' || auth.uid()::text";

export const attack: Attack = {
  id: 'supabase-realtime-topic',
  group: 'platform',
  severity: 'low',
  title: 'joins private channels of others',
  explains:
    'Whoever may SELECT from realtime.messages joins the channel that realtime.topic() names, and whoever may INSERT sends to it. A stranger names a channel that nobody gave them, with each beginning that the policies know.',
  plants: [
    {
      platform: 'supabase',
      base: `CREATE POLICY hear ON realtime.messages FOR SELECT TO authenticated USING (extension = 'broadcast' AND ${MINE});
CREATE POLICY speak ON realtime.messages FOR INSERT TO authenticated WITH CHECK (${MINE});`,
      plant: `ALTER POLICY hear ON realtime.messages USING (extension = 'broadcast' AND realtime.topic() LIKE 'desk:%');`,
      repair: `ALTER POLICY hear ON realtime.messages USING (extension = 'broadcast' AND ${MINE});`,
    },
  ],
  *trials(scene) {
    const messages = scene.catalog.relations.find(({ name }) => name === 'realtime.messages');
    if (!messages || messages.policies.length === 0) return;
    for (const persona of scene.attackers.filter(
      ({ circle, role, user }) => circle === null && (user || role === 'anon'),
    ))
      for (const verb of ['select', 'insert'] as const) yield trial(persona, verb, topicsOf(scene, messages.policies));
  },
};

/** One that no policy can mean, and one for each beginning that a policy names, of somebody else. */
function topicsOf({ world }: Scene, policies: readonly Policy[]): readonly string[] {
  const texts = policyTexts(policies).join('\n');
  const starts = [...texts.matchAll(/'([\w-]+[:/._-])%?'/g)].map(([, start]) => start ?? '');
  const others = [...new Set(starts)].slice(0, 4).map((start) => `${start}${world.circles.b.lead}`);
  return ['rowproof elsewhere', ...others];
}

function trial(caller: Persona, verb: 'select' | 'insert', topics: readonly string[]): Trial {
  const probes = topics.flatMap((topic) => {
    const persona = { ...caller, settings: [...caller.settings, { name: 'realtime.topic', value: topic }] };
    return ['broadcast', 'presence'].map((extension) => {
      const row = `INSERT INTO realtime.messages (topic, extension, payload) VALUES (${literal(topic)}, ${literal(extension)}, '{}')`;
      const look = `SELECT topic, extension FROM realtime.messages WHERE topic = ${literal(topic)} AND extension = ${literal(extension)}`;
      return verb === 'insert' ? { persona, sql: row } : { persona, given: [row], sql: look };
    });
  });
  return {
    surface: { kind: 'relation', name: 'realtime.messages', verb },
    persona: caller,
    shape: 'watched',
    probes,
    judge: (observations) => judge(caller, verb, observations),
  };
}

function judge({ name }: Persona, verb: string, observations: readonly Observation[]): Verdict {
  const at = observations.findIndex(({ error, count }) => error === null && (count ?? 0) > 0);
  const shown = observations[at];
  if (!shown) return { state: 'held' };
  const topic = shown.probe.persona.settings.at(-1)?.value;
  return {
    state: 'broken',
    expected: `${name} ${verb === 'insert' ? 'sends to' : 'joins'} the channels that they belong to`,
    observed: `${name} ${verb === 'insert' ? 'may send to' : 'may join'} the channel ${topic}, which nobody let them into`,
    columns: ['realtime.messages.topic'],
    at,
  };
}
