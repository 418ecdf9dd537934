/** Makes a function in each schema where callers may, and where routines with other rights look for theirs. */

import { bystanders } from '../../fixtures/engine/people.ts';
import { pathOf } from '../../fixtures/engine/shadows.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine, Schema } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { heldBy } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { qualified } from '../../fixtures/wire/escape.ts';

export const attack: Attack = {
  id: 'path-create-on-schema',
  group: 'function',
  severity: 'low',
  reachable: 'database_only',
  title: 'makes functions where routines with other rights look for theirs',
  explains:
    'CREATE on a schema in the search_path of a definer routine: a function or operator that fits better than the one meant runs with the owner’s rights.',
  plants: [
    {
      platform: 'supabase',
      base: `
CREATE SCHEMA lib;
GRANT USAGE ON SCHEMA lib TO authenticated;
CREATE FUNCTION lib.tidy(said text) RETURNS text LANGUAGE sql AS $$ SELECT btrim(said) $$;
CREATE FUNCTION public.say(said varchar) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = lib, pg_temp AS $$ BEGIN RETURN tidy(said); END $$;`,
      plant: 'GRANT CREATE ON SCHEMA lib TO authenticated;',
      repair: 'REVOKE CREATE ON SCHEMA lib FROM authenticated;',
    },
  ],
  repair: ({ name }) => `REVOKE CREATE ON SCHEMA ${name} FROM PUBLIC, anon, authenticated;`,
  *trials(scene) {
    for (const schema of scene.catalog.schemas) {
      for (const persona of bystanders(scene.attackers)) {
        const held = heldBy(scene.catalog, persona.role);
        const may = schema.grants.some(({ grantee, privilege }) => held.has(grantee) && privilege === 'CREATE');
        const looking = may
          ? scene.catalog.routines.filter((routine) => looksIn(routine, schema) && !held.has(routine.owner))
          : [];
        if (looking.length > 0) yield trial(scene, schema, looking, persona);
      }
    }
  },
};

/** Where no path is said the caller’s own counts, and `public` is in everybody’s. */
function looksIn({ platform, securityDefiner, settings, language }: Routine, { name }: Schema): boolean {
  const path = pathOf(settings) ?? ['public'];
  return !platform && securityDefiner && ['sql', 'plpgsql'].includes(language) && path.includes(name);
}

const MOST_NAMED = 4;

function trial(scene: Scene, { name }: Schema, looking: readonly Routine[], persona: Persona): Trial {
  const made = qualified(name, 'rowproof_planted');
  const named = looking.slice(0, MOST_NAMED).map((routine) => routine.name);
  const more = looking.length > MOST_NAMED ? ` and ${looking.length - MOST_NAMED} more` : '';
  return {
    surface: { kind: 'schema', name, verb: 'create' },
    persona,
    shape: 'rolled back',
    probes: [
      {
        persona,
        first: [
          `CREATE FUNCTION ${made}() RETURNS text LANGUAGE sql AS 'SELECT current_user::text'`,
          'SET LOCAL client_min_messages = notice',
        ],
        sql: `SELECT ${made}()`,
      },
    ],
    judge: ([observation]) => {
      if (!observation || observation.error) return { state: 'held' };
      return {
        state: 'broken',
        expected: `${persona.name} makes nothing in ${name}, where routines with other rights look for functions`,
        observed: `${persona.name} made a function in ${name}, which is in the search_path of ${named.join(', ')}${more}`,
        columns: looking.map((routine) => routine.name),
        ...(scene.platform === 'plain' ? { severity: 'medium' as const } : {}),
      };
    },
  };
}
