/** Calls routines as roles from which a migration revoked them without effect. */

import { replayedBy, workingCall } from '../../fixtures/engine/calls.ts';
import { type IdleRevoke, idleRevokes } from '../../fixtures/engine/idle-revokes.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Severity, Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { judgeForeignChanges } from '../../fixtures/oracles/writing.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const EXPORT = `${NOTES}${OWN_NOTES}
CREATE FUNCTION public.export_notes() RETURNS SETOF public.notes LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$ SELECT * FROM public.notes $$;`;

export const attack: Attack = {
  id: 'grant-revoke-noop',
  group: 'grant',
  severity: 'high',
  title: 'calls a routine that a migration meant to keep from them',
  explains:
    'The hosted platform grants EXECUTE twice, PostgreSQL to PUBLIC and the platform to each API role: a REVOKE from one leaves the other, and a routine that is dropped and made again has both. Where a REVOKE took nothing away, the role calls the routine.',
  plants: [
    {
      platform: 'supabase',
      base: EXPORT,
      plant:
        'REVOKE ALL ON FUNCTION public.export_notes() FROM PUBLIC; GRANT EXECUTE ON FUNCTION public.export_notes() TO service_role;',
      repair: 'REVOKE EXECUTE ON FUNCTION public.export_notes() FROM anon, authenticated;',
    },
    {
      platform: 'supabase',
      base: EXPORT,
      plant: 'REVOKE EXECUTE ON FUNCTION public.export_notes() FROM anon, authenticated;',
      repair: 'REVOKE EXECUTE ON FUNCTION public.export_notes() FROM PUBLIC;',
    },
  ],
  *trials(scene) {
    for (const idle of idleRevokes(scene)) {
      const persona = scene.attackers.findLast(({ role, circle }) => role === idle.role && circle === null);
      const call = persona ? workingCall(scene, idle.routine) : null;
      if (!persona || !call) continue;
      const surface: Surface = { kind: 'routine', name: idle.routine.name, verb: 'call' };
      yield {
        surface,
        persona,
        shape: 'watched',
        probes: [{ persona, sql: replayedBy(call, persona).sql }],
        judge: ([observation]) =>
          observation ? judge(scene, surface, idle, observation) : { state: 'unknown', reason: 'nothing was observed' },
      };
    }
  },
};

function judge(scene: Scene, surface: Surface, { routine, role, said }: IdleRevoke, observation: Observation): Verdict {
  const gain = gainOf(scene, surface, routine, observation);
  if (!gain) return { state: 'held' };
  const left = routine.grants.some(({ grantee }) => grantee === role) ? `a grant to ${role} itself` : 'PUBLIC';
  return {
    state: 'broken',
    expected: `${role} cannot execute ${routine.name}: ${said.file}:${said.line} revokes it`,
    observed: `${observation.probe.persona.name} ${gain.text}: the REVOKE had no effect, ${role} still holds EXECUTE through ${left}`,
    columns: [],
    severity: gain.severity,
  };
}

function gainOf(
  scene: Scene,
  surface: Surface,
  routine: Routine,
  observation: Observation,
): { readonly text: string; readonly severity: Severity } | null {
  if (observation.error) return null;
  for (const verdict of [judgeForeignChanges(scene, observation), judgeCanaries(scene, surface, observation)])
    if (verdict.state === 'broken') return { text: `called it and ${said(verdict.observed)}`, severity: 'critical' };
  const changed = [...new Set((observation.changes ?? []).map(({ relation }) => relation))];
  if (changed.length > 0) return { text: `called it and changed ${changed.join(', ')}`, severity: 'high' };
  return routine.securityDefiner && tells(scene, routine, observation)
    ? { text: 'called it and was answered from tables that it reads', severity: 'medium' }
    : null;
}

/** Who did it stands before it already. */
function said(observed: string): string {
  return observed.replace(/^\S+ /, '');
}

/** An answer that is neither empty nor a plain no, of a routine that reads the project's tables. */
function tells({ catalog }: Scene, { body, returns }: Routine, { rows }: Observation): boolean {
  const answered = rows.flat().some((value) => value !== null && !['', 'f', '{}', '[]', '0'].includes(value));
  const reads = catalog.relations.some(({ platform, relname }) => !platform && mentions(body, relname));
  return answered && reads && returns !== 'void' && returns !== 'boolean';
}
