/** Reads and changes tables that nobody granted, as each of the project's own roles that holds a predefined role. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { loggedInAs, membershipsOf, projectRoles, requestRoles } from '../../fixtures/engine/project-roles.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import { heldBy } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { login } from '../plants.ts';

const VAULT = `
${login('plant_analyst')}
CREATE SCHEMA keep;
CREATE TABLE keep.wages (id int PRIMARY KEY, amount int, note text);
INSERT INTO keep.wages VALUES (1, 4200, 'paid');
CREATE TABLE public.holidays (id int PRIMARY KEY, note text);
GRANT SELECT ON public.holidays TO plant_analyst;`;

export const attack: Attack = {
  id: 'grant-read-all-data',
  group: 'grant',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads tables that nobody granted',
  explains:
    'Members of pg_read_all_data read, and members of pg_write_all_data change, every table of every schema, granted or not. Row security still holds, so tables without it are tried.',
  plants: [
    {
      platform: 'plain',
      base: VAULT,
      plant: 'GRANT pg_read_all_data TO plant_analyst;',
      repair: 'REVOKE pg_read_all_data FROM plant_analyst;',
    },
  ],
  *trials(scene) {
    for (const { name } of projectRoles(scene)) {
      const predefined = membershipsOf(scene, name).some((group) => /^pg_(read|write)_all_data$/.test(group.name));
      if (predefined) yield trial(scene, name);
    }
  },
};

/** Enough to show it; what is open is open everywhere. */
const MOST_TABLES = 5;

function trial(scene: Scene, role: string): Trial {
  const held = heldBy(scene.catalog, role);
  const persona = loggedInAs(role);
  const tables = scene.catalog.relations
    .filter((one) => isOwnTable(one) && !one.rowSecurity && rowsOf(scene, one.name).length > 0)
    .filter(({ grants, owner }) => !held.has(owner) && !grants.some(({ grantee }) => held.has(grantee)))
    .slice(0, MOST_TABLES);
  return {
    surface: { kind: 'role', name: role, verb: 'select' },
    persona,
    shape: 'watched',
    probes: tables.flatMap((relation) => [
      { persona, sql: `SELECT * FROM ${nameOf(relation)}` },
      { persona, sql: `DELETE FROM ${nameOf(relation)}` },
    ]),
    judge: (observations) => judge(scene, role, tables, observations),
  };
}

function judge(scene: Scene, role: string, tables: readonly Relation[], observations: readonly Observation[]): Verdict {
  const at = observations.findIndex(({ error, count }) => error === null && (count ?? 0) > 0);
  const shown = observations[at];
  if (!shown) return { state: 'held' };
  const relation = tables[Math.floor(at / 2)]?.name ?? '';
  return {
    state: 'broken',
    expected: `${role} reaches what was granted to it`,
    observed: `${role} ${shown.command === 'SELECT' ? 'read' : 'removed'} ${shown.count} rows of ${relation}, on which it was granted nothing`,
    columns: [relation],
    at,
    severity: requestRoles(scene).some(({ name }) => name === role) ? 'high' : 'low',
  };
}
