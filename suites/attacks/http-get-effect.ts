/** Calls functions by GET, as a link or a prefetch does, and looks what they leave behind. */

import { service } from '../../fixtures/act/personas.ts';
import { replayedBy } from '../../fixtures/engine/calls.ts';
import { mayWrite, says } from '../../fixtures/engine/code.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { getRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';

const CLAIM = (lock: string) => `
CREATE OR REPLACE FUNCTION public.take_desk(p_desk int) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT ${lock}(p_desk) $$;`;

export const attack: Attack = {
  id: 'http-get-effect',
  group: 'front door',
  severity: 'medium',
  reachable: 'http',
  title: 'leaves something behind by a GET',
  explains:
    'GET is for links, prefetches and caches. PostgREST runs it in a transaction that may write no table, so functions that write are called by GET and must be refused; but a lock of the session stays with the pooled connection, for whoever waits for it. After the call every table, and every advisory lock, must be as before.',
  plants: [
    {
      platform: 'supabase',
      base: 'CREATE TABLE public.desks (id int PRIMARY KEY); ALTER TABLE public.desks ENABLE ROW LEVEL SECURITY;',
      plant: CLAIM('pg_try_advisory_lock'),
      repair: CLAIM('pg_try_advisory_xact_lock'),
    },
  ],
  repair: ({ name }) =>
    `-- in ${name}: a lock of the transaction (pg_advisory_xact_lock, pg_try_advisory_xact_lock) ends with the request`,
  *trials(scene) {
    for (const rehearsal of scene.calls.values()) {
      const call = rehearsal.state === 'happy' ? rehearsal.call : rehearsal.tried[0];
      if (call !== undefined && isTelling(scene, call.routine, rehearsal.state === 'happy')) yield* called(scene, call);
    }
  },
};

/** Those that end with the transaction are tried as well: what is looked for is what stays. */
const LOCKS = /\bpg_(try_)?advisory_(xact_)?lock(_shared)?\s*\(/i;

function isTelling({ catalog }: Scene, routine: Routine, works: boolean): boolean {
  return says(catalog, routine, LOCKS) || (works && mayWrite(catalog, routine));
}

/** Locks that somebody else's connection to this database holds. */
const HELD = `SELECT locktype, classid, objid, objsubid FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

function* called(scene: Scene, known: Call): Iterable<Trial> {
  const anybody = scene.attackers.find(({ name }) => name === 'anon');
  const open = anybody !== undefined && mayExecute(scene.catalog, known.routine, anybody.role);
  // A link carries no token; who is signed in by a cookie, or opens it in the project's own client, is themselves.
  const persona = open && says(scene.catalog, known.routine, LOCKS) ? anybody : known.persona;
  const request = scene.door && getRequest(scene.door, replayedBy(known, persona));
  if (!request || known.given !== undefined) return;
  const surface: Surface = { kind: 'routine', name: known.routine.name, verb: 'get' };
  yield {
    surface,
    persona,
    shape: 'http',
    probes: [{ persona: service(), sql: HELD }].map((then) => ({ ...requestProbe(persona, request), then })),
    judge: ([one]) => judge(surface, one),
  };
}

function judge(surface: Surface, one: Observation | undefined): Verdict {
  if (one === undefined) return { state: 'unknown', reason: 'nothing was observed' };
  const changed = [...new Set((one.changes ?? []).map(({ relation }) => relation))];
  const locks = (one.aftermath ?? []).length;
  if (changed.length === 0 && locks === 0) return { state: 'held' };
  const left = changed.length > 0 ? `rows of ${changed.join(', ')} changed` : `${locks} advisory locks were held on`;
  return {
    state: 'broken',
    expected: `GET of ${surface.name} leaves nothing behind`,
    observed: `${one.probe.persona.name} called ${surface.name} by GET, and after the answer ${left}`,
    columns: changed,
    ...(changed.length > 0 ? { severity: 'high' as const } : {}),
  };
}
