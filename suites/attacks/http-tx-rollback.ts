/** Asks for answers to writes that are then undone, at the caller's own word. */

import { isClosed } from '../../fixtures/engine/closed.ts';
import { rowsToInsert } from '../../fixtures/engine/rows-to-insert.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { type RequestSaid, requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest, insertRequest } from '../../fixtures/http/requests.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { namedIn } from '../../fixtures/oracles/ownership.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

/** For this database alone: roles are the whole server's. */
const SETTING = (what: string) =>
  `DO $$ BEGIN EXECUTE format('ALTER ROLE authenticator IN DATABASE %I ${what}', current_database()); END $$;`;

/** A guess at a code is counted by the statement that answers it. */
const CODES = `
CREATE TABLE public.codes (owner_id uuid PRIMARY KEY REFERENCES auth.users (id), code text NOT NULL, attempts integer NOT NULL DEFAULT 0);
ALTER TABLE public.codes ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION public.try_code(p_code text) RETURNS boolean LANGUAGE sql SECURITY DEFINER SET search_path = '' AS $$
  UPDATE public.codes SET attempts = attempts + 1 WHERE owner_id = auth.uid() AND attempts < 5 RETURNING code = p_code $$;
REVOKE ALL ON FUNCTION public.try_code(text) FROM PUBLIC, anon;`;

export const attack: Attack = {
  id: 'http-tx-rollback',
  group: 'front door',
  severity: 'medium',
  reachable: 'http',
  title: 'is answered, and leaves no trace of having asked',
  explains:
    '`Prefer: tx=rollback` is obeyed where db-tx-end ends in allow-override. Then every write answers as if it were done and is undone: counters of attempts, rate limits and audit rows that a call writes never come about, while its answer is known. What no rollback takes back (numbers of sequences, requests to other servers) is done all the same.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: SETTING(`SET pgrst.db_tx_end = ''commit-allow-override''`),
      repair: SETTING('RESET pgrst.db_tx_end'),
    },
    {
      platform: 'supabase',
      base: CODES,
      plant: SETTING(`SET pgrst.db_tx_end = ''rollback-allow-override''`),
      repair: SETTING(`SET pgrst.db_tx_end = ''commit''`),
    },
  ],
  repair: () => `ALTER ROLE authenticator RESET pgrst.db_tx_end;\nNOTIFY pgrst, 'reload config';`,
  *trials(scene) {
    for (const persona of scene.attackers.filter(({ name }) => ['owner-a', 'stranger'].includes(name))) {
      const requests = [...callsOf(scene, persona), ...insertsOf(scene, persona)];
      if (requests.length === 0) continue;
      yield {
        surface: { kind: 'setting', name: 'pgrst.db_tx_end', verb: 'roll back' },
        persona,
        shape: 'http',
        probes: requests.map((request) => requestProbe(persona, request)),
        judge: (observations) => judge(persona, observations),
      };
    }
  },
};

const MOST = 3;
const PREFER = 'tx=rollback, return=representation';

function callsOf({ door, calls }: Scene, persona: Persona): readonly RequestSaid[] {
  return [...calls.values()]
    .flatMap((rehearsal) => {
      const writes = rehearsal.state === 'happy' && rehearsal.effect === 'change';
      const request =
        door && writes && rehearsal.call.persona.name === persona.name && callRequest(door, rehearsal.call);
      return request ? [{ ...request, headers: { ...request.headers, prefer: PREFER } }] : [];
    })
    .slice(0, MOST);
}

function insertsOf(scene: Scene, persona: Persona): readonly RequestSaid[] {
  const { door } = scene;
  if (door === undefined) return [];
  const tables = scene.catalog.relations.filter(
    (relation) => isOwnTable(relation) && !isClosed(scene.catalog, relation, persona.role, 'insert'),
  );
  return tables
    .flatMap((relation) => {
      const own = rowsToInsert(scene, relation, persona).find((values) =>
        namedIn(scene, relation.name, values).every((user) => user === persona.user),
      );
      return (own && insertRequest(door, relation, [own], { prefer: PREFER })) ?? [];
    })
    .slice(0, MOST);
}

function judge({ name }: Persona, observations: readonly Observation[]): Verdict {
  const at = observations.findIndex(
    ({ error, changes, http }) =>
      error === null && changes?.length === 0 && /\btx=rollback\b/.test(http?.headers?.['preference-applied'] ?? ''),
  );
  const told = observations[at];
  if (!told) return { state: 'held' };
  return {
    state: 'broken',
    expected: `what a request of ${name} writes is kept, or it is refused`,
    observed: `${name} had ${told.probe.request?.method} ${told.probe.request?.path} answered with status ${told.http?.status}, and nothing of it was kept`,
    columns: [],
    at,
  };
}
