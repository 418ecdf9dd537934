/** Reads every large object that its list of rights opens, as each role that requests run as. */

import { requestRoles } from '../../fixtures/engine/project-roles.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';

/** Whatever the rights of an object say; those that nobody opened would end the statement with an error. */
const OPEN = `
SELECT m.oid, lo_get(m.oid) AS content FROM pg_largeobject_metadata AS m
WHERE m.lomowner = current_user::regrole OR current_setting('lo_compat_privileges')::bool OR EXISTS (
  SELECT FROM aclexplode(m.lomacl) AS held
  WHERE held.privilege_type = 'SELECT' AND (held.grantee = 0 OR pg_has_role(current_user, nullif(held.grantee, 0), 'USAGE')))`;

const FILES = "SELECT lo_from_bytea(770155, 'the contract');";

export const attack: Attack = {
  id: 'session-large-object',
  group: 'session',
  severity: 'low',
  reachable: 'database_only',
  title: 'reads large objects',
  explains:
    'Large objects know no row security: a grant opens one to its grantees by its number, and all numbers are listed. Every object that is open to the role is read.',
  plants: [
    {
      platform: 'supabase',
      base: FILES,
      plant: 'GRANT SELECT ON LARGE OBJECT 770155 TO anon;',
      repair: 'REVOKE SELECT ON LARGE OBJECT 770155 FROM anon;',
    },
  ],
  *trials(scene) {
    if (!makesObjects(scene)) return;
    for (const { name } of requestRoles(scene)) {
      const persona = scene.attackers.find(({ role }) => role === name);
      if (!persona) continue;
      yield {
        surface: { kind: 'database', name: 'pg_largeobject', verb: 'select' },
        persona,
        shape: 'rolled back',
        probes: [{ persona, sql: OPEN }],
        judge: ([observation]): Verdict => {
          if (!observation || observation.error || observation.rows.length === 0) return { state: 'held' };
          return {
            state: 'broken',
            expected: `${persona.name} reads no file of anybody else`,
            observed: `${persona.name} read the large objects ${observation.rows.map(([oid]) => oid).join(', ')}`,
            columns: ['pg_largeobject.data'],
          };
        },
      };
    }
  },
};

function makesObjects({ source, catalog }: Scene): boolean {
  const making = /\blo_\w+\s*\(|\blarge\s+object\b/i;
  return (
    source.some(({ sql }) => making.test(sql)) ||
    catalog.routines.some(({ platform, body }) => !platform && making.test(body))
  );
}
