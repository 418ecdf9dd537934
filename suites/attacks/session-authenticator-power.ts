/** Reads every table as the login role that requests come in by, before it has become anybody: what RESET ROLE gives back. */

import { loggedInAs, requestRoles } from '../../fixtures/engine/project-roles.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Role } from '../../fixtures/model/catalog.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { isPublished } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { TENANTS } from '../plants.ts';

const GATE = `${TENANTS}
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plant_gate') THEN
    CREATE ROLE plant_gate LOGIN NOINHERIT;
  END IF;
END
$$;
GRANT plant_app TO plant_gate;
GRANT USAGE ON SCHEMA public TO plant_gate;
CREATE POLICY t ON public.items USING (tenant_key = NULLIF(current_setting('app.tenant', true), ''));`;

export const attack: Attack = {
  id: 'session-authenticator-power',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads tables without becoming anybody',
  explains:
    'RESET ROLE, or the end of a transaction, gives a connection back to its login role. The login roles behind the requests read every table as themselves; they should hold nothing.',
  plants: [
    {
      platform: 'plain',
      base: GATE,
      plant: 'GRANT SELECT ON public.items TO plant_gate; ALTER ROLE plant_gate BYPASSRLS;',
      repair: 'REVOKE SELECT ON public.items FROM plant_gate; ALTER ROLE plant_gate NOBYPASSRLS;',
    },
  ],
  *trials(scene) {
    for (const gate of gatesOf(scene)) {
      const tables = scene.catalog.relations.filter((one) => isOwnTable(one) && isOpen(scene, one, gate));
      if (tables.length > 0) yield trial(scene, gate.name, tables);
    }
  },
};

/** Login roles that may become a role that requests run as, without being one. */
function gatesOf(scene: Scene): readonly Role[] {
  const requested = requestRoles(scene).map(({ name }) => name);
  if (scene.platform === 'supabase') return scene.catalog.roles.filter(({ name }) => name === 'authenticator');
  return scene.catalog.roles.filter(
    ({ name, login, superuser, memberOf }) =>
      login &&
      !superuser &&
      !name.startsWith('rowproof_') &&
      !requested.includes(name) &&
      memberOf.some((one) => requested.includes(one)),
  );
}

function isOpen(scene: Scene, relation: Relation, { name }: Role): boolean {
  return rowsOf(scene, relation.name).length > 0 && columnsWith(scene.catalog, relation, name, 'SELECT').length > 0;
}

function trial(scene: Scene, gate: string, tables: readonly Relation[]): Trial {
  const persona = loggedInAs(gate);
  return {
    surface: { kind: 'role', name: gate, verb: 'select' },
    persona,
    shape: 'watched',
    probes: tables.map((relation) => ({ persona, sql: selectFor(scene.catalog, relation, persona) })),
    judge: (observations) => judge(scene, gate, tables, observations),
  };
}

function judge(scene: Scene, gate: string, tables: readonly Relation[], observations: readonly Observation[]): Verdict {
  const asked = scene.attackers.filter(({ user }) => user === null);
  const open = tables.filter((relation, at) => {
    const seen = observations[at] ? rowsShown(scene, relation, observations[at]) : [];
    return seen.some(({ row }) => !asked.some((persona) => isPublished(scene, persona, row)));
  });
  const [first] = open;
  if (!first) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${gate} lets requests in, and may do nothing itself`,
    observed: `${gate}, which RESET ROLE gives back, read rows of ${open.map(({ name }) => name).join(', ')}`,
    columns: open.map(({ name }) => name),
    at: tables.indexOf(first),
  };
}
