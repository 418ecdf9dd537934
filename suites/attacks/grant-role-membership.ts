/** Lets each role that requests run as become the roles that it is a member of, and reads what it could not read before. */

import { loggedInAs, membershipsOf, requestRoles } from '../../fixtures/engine/project-roles.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import { rowId, type Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { TENANTS } from '../plants.ts';

const STRONGER = `${TENANTS}
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plant_chief') THEN
    CREATE ROLE plant_chief BYPASSRLS;
  END IF;
END
$$;
GRANT USAGE ON SCHEMA public TO plant_chief;
GRANT SELECT ON public.items TO plant_chief;
CREATE POLICY t ON public.items USING (tenant_key = NULLIF(current_setting('app.tenant', true), ''));`;

export const attack: Attack = {
  id: 'grant-role-membership',
  group: 'grant',
  severity: 'high',
  reachable: 'database_only',
  title: 'becomes a stronger role that it is a member of',
  explains:
    'Logged in as each role that requests run as, SET ROLE to every role that it is a member of, then a SELECT on each table. What the login role behind a pooler may become does not count.',
  plants: [
    {
      platform: 'plain',
      base: STRONGER,
      plant: 'GRANT plant_chief TO plant_app;',
      repair: 'REVOKE plant_chief FROM plant_app;',
    },
  ],
  *trials(scene) {
    for (const role of requestRoles(scene)) {
      for (const group of membershipsOf(scene, role.name).filter(({ name }) => !name.startsWith('pg_')))
        yield trial(scene, role.name, group.name);
    }
  },
};

function trial(scene: Scene, role: string, group: string): Trial {
  const persona = loggedInAs(role, group);
  const tables = scene.catalog.relations.filter((one) => isOwnTable(one) && rowsOf(scene, one.name).length > 0);
  return {
    surface: { kind: 'role', name: role, verb: 'become' },
    persona,
    shape: 'watched',
    probes: tables.map((relation) => ({ persona, sql: selectFor(scene.catalog, relation, persona) })),
    judge: (observations) => judge(scene, role, group, tables, observations),
  };
}

function judge(
  scene: Scene,
  role: string,
  group: string,
  tables: readonly Relation[],
  observations: readonly Observation[],
): Verdict {
  // Somebody who signed in with nothing of their own shows what the role may read anyway.
  const nobody = scene.attackers.filter((persona) => persona.role === role && persona.circle === null);
  const known = new Set(nobody.flatMap(({ name }) => [...(scene.readable.get(name) ?? [])]));
  const gained = tables.map((relation, at) => {
    const observation = observations[at];
    const rows = observation ? rowsShown(scene, relation, observation).map(({ row }) => row) : [];
    return new Set(rows.filter((row) => !known.has(rowId(row.relation, row.key)))).size;
  });
  const at = gained.findIndex((rows) => rows > 0);
  if (at < 0) return { state: 'held' };
  const opened = tables.filter((_, place) => (gained[place] ?? 0) > 0).map(({ name }) => name);
  return {
    state: 'broken',
    expected: `${role} can be nobody but ${role}`,
    observed: `${role} is a member of ${group} and, having become it, read rows of ${opened.join(', ')} that ${role} does not see`,
    columns: opened,
    at,
  };
}
