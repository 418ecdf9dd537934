/** Locks tables against everybody, as each role that requests run as. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { requestRoles } from '../../fixtures/engine/project-roles.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Catalog, Relation } from '../../fixtures/model/catalog.ts';
import { heldBy } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'grant-lock-table',
  group: 'grant',
  severity: 'low',
  reachable: 'database_only',
  title: 'locks tables against everybody',
  explains:
    'UPDATE, DELETE, TRUNCATE or MAINTAIN on a whole table allow LOCK TABLE … IN ACCESS EXCLUSIVE MODE: one idle transaction stops every request. UPDATE of single columns does not. It takes a connection of one’s own.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'GRANT DELETE ON public.notes TO authenticated;',
      repair:
        'REVOKE ALL ON public.notes FROM anon, authenticated; GRANT SELECT, INSERT, UPDATE (body) ON public.notes TO authenticated;',
    },
  ],
  *trials(scene) {
    // Elsewhere the only connection is that of the project's own server, which is meant to write.
    if (scene.platform !== 'supabase') return;
    const roles = requestRoles(scene).map(({ name }) => name);
    const tables = scene.catalog.relations.filter(isOwnTable);
    for (const [schema, some] of Map.groupBy(tables, (table) => table.schema)) {
      for (const role of roles) {
        const open = some.filter((table) => mayLock(scene.catalog, table, role));
        if (open.length > 0) yield trial(scene, schema, role, open);
      }
    }
  },
};

const LOCKING = new Set(['UPDATE', 'DELETE', 'TRUNCATE', 'MAINTAIN']);

function mayLock(catalog: Catalog, { grants }: Relation, role: string): boolean {
  const held = heldBy(catalog, role);
  return grants.some(
    ({ grantee, privilege, columns }) => held.has(grantee) && columns === null && LOCKING.has(privilege),
  );
}

/** The first table is locked; the others have the same rights. */
function trial(scene: Scene, schema: string, role: string, tables: readonly Relation[]): Trial {
  const persona = scene.attackers.find((one) => one.role === role);
  const [first] = tables;
  if (!persona || !first) throw new RangeError('a trial is made for a role and tables that are there');
  const lock = `LOCK TABLE ${nameOf(first)} IN ACCESS EXCLUSIVE MODE NOWAIT`;
  const held = `SELECT mode FROM pg_locks WHERE relation = ${literal(nameOf(first))}::regclass AND pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'`;
  return {
    surface: { kind: 'schema', name: schema, verb: 'lock' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, first: [lock], sql: held }],
    judge: (observations) => judge(persona.name, tables, observations),
  };
}

function judge(who: string, tables: readonly Relation[], [observation]: readonly Observation[]): Verdict {
  if (!observation || observation.error || observation.rows.length === 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${who} reads and writes, and stops nobody else from it`,
    observed: `${who} locked ${tables[0]?.name} in ACCESS EXCLUSIVE MODE${tables.length > 1 ? `, and may so lock ${tables.length} tables` : ''}`,
    columns: tables.map(({ name }) => name),
  };
}
