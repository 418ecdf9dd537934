/** Lets one request name its tenant through a routine, and looks whether the next one on the connection is still that tenant. */

import { workingCall } from '../../fixtures/engine/calls.ts';
import { maySet, settingsRead, settingsSet } from '../../fixtures/engine/custom-settings.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { isPublished, isReadable } from '../../fixtures/oracles/ownership.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NOTES, TENANTS } from '../plants.ts';

const POLICY = `${TENANTS}
CREATE POLICY t ON public.items USING (tenant_key = NULLIF(current_setting('app.tenant', true), '')) WITH CHECK (tenant_key = NULLIF(current_setting('app.tenant', true), ''));`;

const ENTER = (local: string) => `
CREATE OR REPLACE FUNCTION public.enter(p_tenant text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.tenant', p_tenant, ${local}) $$;`;

const BY_SETTING = `
CREATE POLICY "own notes" ON public.notes USING (owner_id::text = current_setting('desk.clerk', true));`;

const BECOME = (local: string) => `
CREATE OR REPLACE FUNCTION public.sit_down() RETURNS void LANGUAGE sql AS $$ SELECT set_config('desk.clerk', auth.uid()::text, ${local}) $$;`;

export const attack: Attack = {
  id: 'session-setting-outlives',
  group: 'session',
  severity: 'high',
  title: 'inherits the caller of an earlier request on the same connection',
  explains:
    'On one connection: a routine is called and committed; then a request that names nobody reads the caller’s setting and every table. A setting made with set_config(…, false) is still there.',
  plants: [
    { platform: 'plain', base: POLICY, plant: ENTER('false'), repair: ENTER('true') },
    { platform: 'supabase', base: NOTES + BY_SETTING, plant: BECOME('false'), repair: BECOME('true') },
  ],
  *trials(scene) {
    for (const name of scene.calls.keys()) {
      const routine = scene.catalog.routines.find((one) => one.name === name);
      if (!routine || !maySet(scene, routine)) continue;
      const settings = [...new Set([...settingsRead(scene), ...settingsSet(scene, routine)])];
      const call = workingCall(scene, routine);
      if (call && settings.length > 0) yield trial(scene, call, settings);
    }
  },
};

function trial(scene: Scene, call: Call, settings: readonly string[]): Trial {
  const { persona: caller, routine } = call;
  const by = scene.platform === 'supabase' ? caller : { ...caller, settings: [] };
  const nobody: Persona = {
    ...(scene.attackers.find(({ role }) => role === 'anon') ?? caller),
    user: null,
    circle: null,
    settings: [],
  };
  const persona = nobody.role === 'anon' ? nobody : { ...nobody, name: `${nobody.role} unset` };
  // On the hosted platform the next request may also be that of somebody who signed in.
  const next = scene.attackers.find(({ circle, user }) => circle === null && user !== null);
  const readers = scene.platform === 'supabase' && next ? [persona, next] : [persona];
  const looks = readers.flatMap((reader) =>
    scene.catalog.relations.filter(isOwnTable).map((relation) => ({ relation, reader })),
  );
  const left = settings.map((setting) => `current_setting(${literal(setting)}, true)`);
  return {
    surface: { kind: 'routine', name: routine.name, verb: 'call' },
    persona,
    shape: 'committed',
    probes: [
      { persona: by, sql: call.sql },
      { persona, sql: `SELECT ${left.join(', ')}` },
      ...looks.map(({ relation, reader }) => ({ persona: reader, sql: selectFor(scene.catalog, relation, reader) })),
    ],
    judge: (observations) => judge(scene, routine, settings, looks, observations),
  };
}

interface Look {
  readonly relation: Relation;
  readonly reader: Persona;
}

function judge(
  scene: Scene,
  routine: Routine,
  settings: readonly string[],
  looks: readonly Look[],
  observations: readonly Observation[],
): Verdict {
  const [call, left, ...reads] = observations;
  if (!call || !left) return { state: 'unknown', reason: 'nothing was observed' };
  if (call.error) return { state: 'held' };
  const kept = settings.filter((_, at) => (left.rows[0]?.[at] ?? '') !== '');
  if (kept.length === 0) return { state: 'held' };
  const shown = looks.filter(({ relation, reader }, at) => {
    const seen = reads[at] ? rowsShown(scene, relation, reads[at]) : [];
    return seen.some(({ row }) => !isReadable(scene, reader, row) && !isPublished(scene, reader, row));
  });
  const names = [...new Set(shown.map(({ relation }) => relation.name))];
  const asked = kept.some((setting) => settingsRead(scene).includes(setting));
  return {
    state: 'broken',
    expected: `after ${routine.name} has been committed, a request that names nobody is nobody`,
    observed: `${kept.join(', ')} ${kept.length === 1 ? 'was' : 'were'} still set in the next request on the connection${names.length > 0 ? `, and it read rows of ${names.join(', ')}` : ''}`,
    columns: kept,
    severity: names.length > 0 ? 'high' : asked ? 'medium' : 'low',
  };
}
