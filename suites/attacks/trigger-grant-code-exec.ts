/** Attaches triggers of the caller's own to tables: what they do is done with the rights of whoever writes next. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { holds, mayUseSchema } from '../../fixtures/model/privilege.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'trigger-grant-code-exec',
  group: 'trigger',
  severity: 'low',
  reachable: 'database_only',
  title: 'may attach code to tables that others write to',
  explains:
    'GRANT ALL includes TRIGGER. A temporary function of the caller’s own as a trigger runs with the rights of whoever writes to the table next, the service among them, for as long as the caller stays connected.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'GRANT ALL ON public.notes TO authenticated;',
      repair: 'REVOKE TRIGGER ON public.notes FROM anon, authenticated;',
    },
  ],
  *trials(scene) {
    // Without row security a table is open enough to be told of by others.
    const guarded = scene.catalog.relations.filter((relation) => isOwnTable(relation) && relation.rowSecurity);
    for (const [schema, relations] of Map.groupBy(guarded, (relation) => relation.schema)) {
      for (const persona of bystanders(scene.attackers)) {
        const granted = relations.filter(
          ({ grants }) =>
            holds(scene.catalog, grants, persona.role, 'TRIGGER') && mayUseSchema(scene.catalog, schema, persona.role),
        );
        const [first] = granted;
        if (first) yield trial(schema, first, granted, persona);
      }
    }
  },
};

/** One table is enough to see that it can be done; the others hold the same right. */
function trial(schema: string, table: Relation, granted: readonly Relation[], persona: Persona): Trial {
  const names = granted.map(({ name }) => name);
  return {
    surface: { kind: 'schema', name: schema, verb: 'trigger' },
    persona,
    shape: 'rolled back',
    probes: [
      {
        persona,
        first: [
          `CREATE FUNCTION pg_temp.rowproof_run() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE '%', current_user; RETURN NULL; END $$`,
          `CREATE TRIGGER rowproof_run AFTER INSERT ON ${nameOf(table)} FOR EACH ROW EXECUTE FUNCTION pg_temp.rowproof_run()`,
          'SET LOCAL client_min_messages = notice',
        ],
        sql: `SELECT tgname FROM pg_trigger WHERE tgname = 'rowproof_run'`,
      },
    ],
    judge: ([observation]) => {
      if (!observation || observation.error || observation.rows.length === 0) return { state: 'held' };
      return {
        state: 'broken',
        expected: `${persona.role} cannot attach triggers to tables`,
        observed: `${persona.role} attached a trigger to ${table.name}, and may to ${names.length} in all: ${names.slice(0, MOST_NAMED).join(', ')}${names.length > MOST_NAMED ? ', …' : ''}`,
        columns: names,
      };
    },
  };
}

const MOST_NAMED = 6;
