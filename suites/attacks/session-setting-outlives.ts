/** Lets one request name its tenant through a routine, and looks whether the next one on the connection is still that tenant. */

import { holdsRows, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { TENANTS } from '../plants.ts';

const POLICY = `${TENANTS}
CREATE POLICY t ON public.items USING (tenant_key = NULLIF(current_setting('app.tenant', true), '')) WITH CHECK (tenant_key = NULLIF(current_setting('app.tenant', true), ''));`;

const ENTER = (local: string) => `
CREATE OR REPLACE FUNCTION public.enter(p_tenant text) RETURNS void LANGUAGE sql AS $$ SELECT set_config('app.tenant', p_tenant, ${local}) $$;`;

export const attack: Attack = {
  id: 'session-setting-outlives',
  group: 'session',
  severity: 'high',
  title: 'inherits the caller of an earlier request on the same connection',
  explains:
    'On one connection: a routine is called and committed; then a request that names nobody reads the caller’s setting and every table. A setting made with set_config(…, false) is still there.',
  plants: [{ platform: 'plain', base: POLICY, plant: ENTER('false'), repair: ENTER('true') }],
  *trials(scene) {
    for (const [name, rehearsal] of scene.calls) {
      const [setting] = scene.callerSettings;
      if (rehearsal.state !== 'happy' || setting === undefined) continue;
      const nobody: Persona = {
        ...rehearsal.call.persona,
        name: `${rehearsal.call.persona.role} unset`,
        user: null,
        circle: null,
        settings: [],
      };
      const tables = scene.catalog.relations.filter((relation) => holdsRows(relation) && !relation.platform);
      yield {
        surface: { kind: 'routine', name, verb: 'call' },
        persona: nobody,
        shape: 'committed',
        probes: [
          { persona: { ...rehearsal.call.persona, settings: [] }, sql: rehearsal.call.sql },
          { persona: nobody, sql: `SELECT current_setting(${literal(setting)}, true)` },
          ...tables.map((relation) => ({ persona: nobody, sql: selectFor(scene.catalog, relation, nobody) })),
        ],
        judge: (observations) => judge(scene, name, setting, observations),
      };
    }
  },
};

function judge(scene: Scene, routine: string, setting: string, observations: readonly Observation[]): Verdict {
  const [call, left, ...reads] = observations;
  if (!call || !left) return { state: 'unknown', reason: 'nothing was observed' };
  if (call.error && !maySet(scene, routine)) return { state: 'held' };
  if (call.error)
    return { state: 'unknown', reason: `a call that worked before was refused (SQLSTATE ${call.error.sqlstate})` };
  if ((left.rows[0]?.[0] ?? '') === '') return { state: 'held' };
  const tables = scene.catalog.relations.filter((relation) => holdsRows(relation) && !relation.platform);
  const shown = tables.filter(
    (relation, at) => reads[at] !== undefined && rowsShown(scene, relation, reads[at]).length > 0,
  );
  const seen = shown.length > 0 ? `, and it read rows of ${shown.map((relation) => relation.name).join(', ')}` : '';
  return {
    state: 'broken',
    expected: `after ${routine} has been committed, a request that names nobody is nobody`,
    observed: `${setting} was still set in the next request on the connection${seen}`,
    columns: [setting],
  };
}

/** Whether the routine, or one that it calls, sets anything or builds its statements at run time. */
function maySet({ catalog }: Scene, name: string): boolean {
  const routine = catalog.routines.find((one) => one.name === name);
  const waiting = routine ? [routine] : [];
  const seen = new Set(waiting);
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    const { body } = next;
    if (/\bset_config\b|\bexecute\b|\bset\s+(session\s+|local\s+)?[\w."]+\s*(=|to)\s/i.test(withoutUpdates(body)))
      return true;
    for (const called of catalog.routines.filter(
      (one) => !one.platform && !seen.has(one) && mentions(body, one.proname),
    )) {
      seen.add(called);
      waiting.push(called);
    }
  }
  return false;
}

/** `UPDATE t SET c = 1` and `DO UPDATE SET` set columns, no settings. */
function withoutUpdates(body: string): string {
  return body.replace(/\bupdate\b[^;]*?\bset\b/gi, '');
}
