/** Passes on what was granted WITH GRANT OPTION, and looks whether the grant took effect. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { loggedInAs, projectRoles } from '../../fixtures/engine/project-roles.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'grant-option',
  group: 'grant',
  severity: 'low',
  reachable: 'database_only',
  title: 'passes its rights on to everybody',
  explains:
    'Each role of the project that holds a privilege WITH GRANT OPTION grants it to PUBLIC. A refusal is a warning, no error, so the table’s list of rights is read afterwards.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'GRANT SELECT, DELETE ON public.notes TO authenticated WITH GRANT OPTION;',
      repair: 'REVOKE GRANT OPTION FOR SELECT, DELETE ON public.notes FROM authenticated;',
    },
  ],
  *trials(scene) {
    for (const { name } of projectRoles(scene)) {
      const tables = scene.catalog.relations.filter(
        (one) => holdsRows(one) && !one.platform && one.owner !== name && optionsOf(one, name).length > 0,
      );
      for (const [schema, some] of Map.groupBy(tables, (table) => table.schema)) yield trial(schema, name, some);
    }
  },
};

/** Privileges on the whole relation that the role may pass on. */
function optionsOf({ grants }: Relation, role: string): readonly string[] {
  return grants
    .filter(({ grantee, grantable, columns }) => grantee === role && grantable && columns === null)
    .map(({ privilege }) => privilege);
}

function trial(schema: string, role: string, tables: readonly Relation[]): Trial {
  const persona = loggedInAs(role);
  return {
    surface: { kind: 'schema', name: schema, verb: 'grant' },
    persona,
    shape: 'watched',
    probes: tables.map((relation) => {
      const [privilege = 'SELECT'] = optionsOf(relation, role);
      return {
        persona,
        first: [`GRANT ${privilege} ON ${nameOf(relation)} TO PUBLIC`],
        sql: `SELECT held.privilege_type FROM pg_class AS c, aclexplode(c.relacl) AS held WHERE c.oid = ${literal(nameOf(relation))}::regclass AND held.grantee = 0 AND held.privilege_type = ${literal(privilege)}`,
      };
    }),
    judge: (observations) => judge(role, tables, observations),
  };
}

function judge(role: string, tables: readonly Relation[], observations: readonly Observation[]): Verdict {
  const passed = tables.filter((_, at) => {
    const observation = observations[at];
    return observation?.error === null && observation.rows.length > 0;
  });
  const [first] = passed;
  if (!first) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${role} uses its rights and cannot pass them on`,
    observed: `${role} granted PUBLIC its rights on ${passed.map(({ name }) => name).join(', ')}`,
    columns: passed.map(({ name }) => name),
    at: tables.indexOf(first),
  };
}
