/** Looks whether the limits that a project sets for the roles of its requests are ever in force. */

import { isNamed, requestRoles } from '../../fixtures/engine/project-roles.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Role } from '../../fixtures/model/catalog.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { TENANTS } from '../plants.ts';

const QUEUE = `${TENANTS}
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'plant_pooler') THEN
    CREATE ROLE plant_pooler LOGIN NOINHERIT;
    CREATE ROLE plant_guest NOLOGIN;
  END IF;
END
$$;
GRANT plant_guest TO plant_pooler;
GRANT SELECT ON public.items TO plant_guest;
CREATE POLICY t ON public.items USING (tenant_key = NULLIF(current_setting('app.tenant', true), ''));`;

export const attack: Attack = {
  id: 'session-no-timeout',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'runs without the time limit of its role',
  explains:
    'ALTER ROLE … SET statement_timeout counts when the role logs in; SET ROLE does not bring it along. Where a role of requests has a limit and neither its login role nor the database has one, the limit is in force only if the server in front sets it again.',
  plants: [
    {
      platform: 'plain',
      base: QUEUE,
      plant: "ALTER ROLE plant_guest SET statement_timeout = '2s'; ALTER ROLE plant_pooler RESET statement_timeout;",
      repair: "ALTER ROLE plant_pooler SET statement_timeout = '2s';",
    },
  ],
  *trials(scene) {
    for (const role of requestRoles(scene).filter((one) => !one.login && isLimited(one))) {
      if (!setsLimit(scene, role.name)) continue;
      const persona = scene.attackers.find((one) => one.role === role.name);
      if (!persona) continue;
      yield {
        surface: { kind: 'role', name: role.name, verb: 'timeout' },
        persona,
        shape: 'rolled back',
        probes: [{ persona, sql: unlimited(gatesTo(scene, role.name)) }],
        judge: ([observation]): Verdict => {
          if (!observation || observation.error || observation.rows.length === 0) return { state: 'held' };
          const gates = observation.rows.map(([name]) => name).join(', ');
          return {
            state: 'broken',
            expected: `the time limit of ${role.name} is in force when a request runs as ${role.name}`,
            observed: `requests log in as ${gates}, which has no statement_timeout: SET ROLE ${role.name} does not bring the limit along`,
            columns: ['statement_timeout'],
          };
        },
      };
    }
  },
};

function isLimited({ settings }: Role): boolean {
  return settings.some((setting) => setting.startsWith('statement_timeout='));
}

/** Roles belong to the server: only what this project said of the role is its own doing. */
function setsLimit(scene: Scene, role: string): boolean {
  return isNamed(scene, role) && scene.source.some(({ sql }) => /statement_timeout/i.test(sql) && sql.includes(role));
}

function gatesTo({ catalog, platform }: Scene, role: string): readonly string[] {
  return catalog.roles
    .filter(({ name, login, memberOf }) => login && memberOf.includes(role) && !name.startsWith('rowproof_'))
    .map(({ name }) => name)
    .filter((name) => platform !== 'supabase' || name === 'authenticator');
}

/** The login roles among these for which no limit is stored, nor one for the database. */
function unlimited(gates: readonly string[]): string {
  const names = gates.map(literal).join(', ') || 'NULL';
  return `
SELECT r.rolname FROM pg_roles AS r
WHERE r.rolname IN (${names}) AND NOT EXISTS (
  SELECT FROM pg_db_role_setting AS s, unnest(s.setconfig) AS one (setting)
  WHERE s.setrole IN (0, r.oid) AND s.setdatabase IN (0, (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()))
  AND one.setting LIKE 'statement_timeout=%')`;
}
