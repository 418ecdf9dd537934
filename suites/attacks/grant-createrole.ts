/** Lets each role of the project that may create roles give itself the right to read everything. */

import { loggedInAs, projectRoles } from '../../fixtures/engine/project-roles.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { ident, literal } from '../../fixtures/wire/escape.ts';
import { login } from '../plants.ts';

const KEEPER = `
${login('plant_porter')}
CREATE TABLE public.doors (id int PRIMARY KEY, body text);
GRANT SELECT ON public.doors TO plant_porter;`;

export const attack: Attack = {
  id: 'grant-createrole',
  group: 'grant',
  severity: 'low',
  reachable: 'database_only',
  title: 'gives itself the rights of another role',
  explains:
    'Before PostgreSQL 16 whoever holds CREATEROLE may grant any role that is no superuser, to itself as well. Each role that holds it grants itself pg_read_all_data and pg_execute_server_program.',
  plants: [
    {
      platform: 'plain',
      base: KEEPER,
      // On 16 and later the same reach takes the right to pass the role on.
      plant: `
DO $$
BEGIN
  ALTER ROLE plant_porter CREATEROLE;
  IF current_setting('server_version_num')::int >= 160000 THEN
    EXECUTE 'GRANT pg_read_all_data TO plant_porter WITH ADMIN TRUE, INHERIT FALSE, SET FALSE';
  END IF;
END
$$;`,
      repair: `
DO $$
BEGIN
  ALTER ROLE plant_porter NOCREATEROLE;
  REVOKE pg_read_all_data FROM plant_porter CASCADE;
END
$$;`,
    },
  ],
  *trials(scene) {
    for (const { name, createRole } of projectRoles(scene)) {
      if (!createRole) continue;
      const persona = loggedInAs(name);
      yield {
        surface: { kind: 'role', name, verb: 'grant' },
        persona,
        shape: 'watched',
        probes: ['pg_read_all_data', 'pg_execute_server_program'].map((group) => ({
          persona,
          first: [`GRANT ${ident(group)} TO ${ident(name)}`],
          sql: `SELECT r.rolname FROM pg_roles AS r WHERE r.rolname = ${literal(group)} AND pg_has_role(${literal(name)}, r.oid, 'USAGE')`,
        })),
        judge: (observations): Verdict => {
          const at = observations.findIndex(({ error, rows }) => error === null && rows.length > 0);
          if (at < 0) return { state: 'held' };
          return {
            state: 'broken',
            expected: `${name} holds what it was given`,
            observed: `${name} gave itself ${observations[at]?.rows[0]?.[0]}`,
            columns: [],
            at,
          };
        },
      };
    }
  },
};
