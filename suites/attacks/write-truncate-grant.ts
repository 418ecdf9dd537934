/** Empties tables by TRUNCATE, which no policy is asked about. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { holds } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'write-truncate-grant',
  group: 'table write',
  severity: 'low',
  reachable: 'database_only',
  title: 'may empty tables past row security',
  explains:
    'GRANT ALL includes TRUNCATE, which row security never filters. The API has no request for it; a connection of one’s own, or a function that builds SQL from its arguments, does.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: 'GRANT ALL ON public.notes TO authenticated;',
      repair: 'REVOKE TRUNCATE ON public.notes FROM anon, authenticated;',
    },
  ],
  *trials(scene) {
    const schemas = Map.groupBy(scene.catalog.relations.filter(isWhole), ({ schema }) => schema);
    for (const [schema, relations] of schemas) {
      for (const persona of bystanders(scene.attackers)) {
        const granted = relations.filter(({ grants }) => holds(scene.catalog, grants, persona.role, 'TRUNCATE'));
        const tried = granted.length > 0 ? granted : relations.slice(0, 1);
        const sql = `TRUNCATE ${tried.map(nameOf).join(', ')}`;
        yield {
          surface: { kind: 'schema', name: schema, verb: 'truncate' },
          persona,
          shape: 'watched',
          // Where others refer to a table, only CASCADE empties it.
          probes: [sql, `${sql} CASCADE`].map((text) => ({ persona, sql: text })),
          judge: (observations) => judge(persona, tried, observations),
        };
      }
    }
  },
};

/** Without row security anybody who may delete empties the table as well. */
function isWhole(relation: Relation): boolean {
  return isGuarded(relation) && relation.partitionOf === null;
}

function judge(persona: Persona, tried: readonly Relation[], observations: readonly Observation[]): Verdict {
  const at = observations.findIndex(({ error }) => error === null);
  if (at < 0) return { state: 'held' };
  const names = tried.map(({ name }) => name);
  return {
    state: 'broken',
    expected: `${persona.role} cannot truncate what row security guards`,
    observed: `${persona.role} truncated ${names.join(', ')}`,
    columns: names,
    at,
  };
}
