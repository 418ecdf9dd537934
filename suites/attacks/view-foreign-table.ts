/** Reads foreign tables: row security cannot be switched on for them, so a grant is all that stands before the other server. */

import { selectFor } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayUseSchema } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { outcomeOf } from '../../fixtures/oracles/outcome.ts';

export const attack: Attack = {
  id: 'view-foreign-table',
  group: 'view',
  severity: 'medium',
  title: 'reads a foreign table',
  explains:
    'A foreign table reads as the user of its mapping, and can have no row security. Each caller who holds SELECT on one reads from it; where the other server does not answer, the right to ask is what is reported.',
  plants: [
    {
      platform: 'supabase',
      base: `
CREATE EXTENSION file_fdw;
CREATE SERVER payroll FOREIGN DATA WRAPPER file_fdw;`,
      plant: `CREATE FOREIGN TABLE public.salaries (line text) SERVER payroll OPTIONS (program 'echo 4200');`,
      repair: 'REVOKE ALL ON public.salaries FROM anon, authenticated;',
    },
  ],
  repair: ({ name }) =>
    `REVOKE ALL ON ${name} FROM PUBLIC, anon, authenticated;\n-- and show what may be seen through a view with security_barrier and a filter of its own`,
  *trials(scene) {
    for (const table of scene.catalog.relations.filter(({ kind, platform }) => kind === 'foreign' && !platform)) {
      for (const persona of scene.attackers) {
        const granted = columnsWith(scene.catalog, table, persona.role, 'SELECT').length > 0;
        if (granted && mayUseSchema(scene.catalog, table.schema, persona.role)) yield trial(scene, table, persona);
      }
    }
  },
};

function trial(scene: Scene, table: Relation, persona: Persona): Trial {
  return {
    surface: { kind: 'relation', name: table.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: selectFor(scene.catalog, table, persona) }],
    judge: ([observation]) => (observation ? judge(table, persona, observation) : { state: 'held' }),
  };
}

function judge(table: Relation, persona: Persona, observation: Observation): Verdict {
  if (outcomeOf(observation) === 'refused') return { state: 'held' };
  const { error, rows } = observation;
  const seen = error
    ? `asked the server behind ${table.name}, which did not answer here (SQLSTATE ${error.sqlstate})`
    : `read ${rows.length} ${rows.length === 1 ? 'row' : 'rows'} of ${table.name}`;
  return {
    state: 'broken',
    expected: `${persona.name} reads no foreign table: none can have row security`,
    observed: `${persona.name} ${seen}`,
    columns: table.columns.map(({ name }) => `${table.name}.${name}`),
  };
}
