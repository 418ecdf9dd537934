/** Asks, by a profile, for tables and functions of schemas that the API is not meant to serve. */

import { replayedBy } from '../../fixtures/engine/calls.ts';
import { holdsRows } from '../../fixtures/engine/scene.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest, readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { DoorConfig } from '../../fixtures/model/door.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayExecute } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';

const INTERNAL = `
CREATE SCHEMA internal;
CREATE TABLE internal.letters (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id),
  body text NOT NULL
);
GRANT USAGE ON SCHEMA internal TO authenticated;
GRANT SELECT ON internal.letters TO authenticated;`;

const SERVED = (schemas: string) => `
DO $$ BEGIN EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET pgrst.db_schemas = %L', current_database(), '${schemas}'); END $$;`;

export const attack: Attack = {
  id: 'http-schema-profile',
  group: 'front door',
  severity: 'high',
  reachable: 'http',
  title: 'reaches what lies in a schema that config.toml does not serve',
  explains:
    'Accept-Profile and Content-Profile name another schema than the first. Each table and function of the project outside the schemas that config.toml serves (public, where it says nothing) is asked for over HTTP, by whoever holds a grant there; settings such as pgrst.db_schemas must not open what rights alone would not keep.',
  plants: [{ platform: 'supabase', base: INTERNAL, plant: SERVED('public, internal'), repair: SERVED('public') }],
  repair: () =>
    'ALTER ROLE authenticator RESET pgrst.db_schemas;  -- serve only what is meant, or give the schema policies of its own',
  *trials(scene) {
    const meant = scene.exposedSchemas ?? ['public'];
    if (scene.door === undefined) return;
    for (const persona of scene.attackers.filter(({ name }) => ['stranger', 'anon'].includes(name))) {
      yield* tables(scene, scene.door, meant, persona);
      yield* functions(scene, scene.door, meant, persona);
    }
  },
};

/** As if it were served: the door decides. */
function asking(door: DoorConfig, schema: string): DoorConfig {
  return { ...door, schemas: [...new Set([...door.schemas, schema])] };
}

function* tables(scene: Scene, door: DoorConfig, meant: readonly string[], persona: Persona): Iterable<Trial> {
  for (const relation of scene.catalog.relations) {
    const columns = columnsWith(scene.catalog, relation, persona.role, 'SELECT');
    if (relation.platform || !holdsRows(relation) || meant.includes(relation.schema) || columns.length === 0) continue;
    const request = readRequest(asking(door, relation.schema), relation, columns);
    if (request === null) continue;
    yield {
      surface: { kind: 'relation', name: relation.name, verb: 'select' },
      persona,
      shape: 'http',
      probes: [requestProbe(persona, request)],
      judge: ([one]) => (one?.error === null ? judgeTableRead(scene, relation, one) : { state: 'held' }),
    };
  }
}

function* functions(scene: Scene, door: DoorConfig, meant: readonly string[], persona: Persona): Iterable<Trial> {
  for (const rehearsal of scene.calls.values()) {
    const known = rehearsal.state === 'happy' ? rehearsal.call : rehearsal.tried[0];
    if (!known || meant.includes(known.routine.schema) || !mayExecute(scene.catalog, known.routine, persona.role))
      continue;
    const request = callRequest(asking(door, known.routine.schema), replayedBy(known, persona));
    if (request === null) continue;
    const surface = { kind: 'routine', name: known.routine.name, verb: 'call' } as const;
    yield {
      surface,
      persona,
      shape: 'http',
      probes: [requestProbe(persona, request)],
      judge: ([one]) => (one?.error === null ? judgeReply(scene, surface, one) : { state: 'held' }),
    };
  }
}
