/** Sends headers and cookies that policies and routines believe, as somebody else would. */

import { policyTexts } from '../../fixtures/engine/asked.ts';
import { replayedBy } from '../../fixtures/engine/calls.ts';
import { calledBy, routinesIn } from '../../fixtures/engine/code.ts';
import { type Sendable, sendablesIn, sending, textsOf, valuesFor } from '../../fixtures/engine/headers-read.ts';
import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import { type RequestSaid, requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest, readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeAgainstPlain } from '../../fixtures/oracles/against-plain.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const DESK = (who: string) => `
DROP POLICY IF EXISTS desk ON public.notes;
CREATE POLICY desk ON public.notes FOR SELECT USING (owner_id::text = ${who});`;

const REPORT = (address: string) => `
CREATE OR REPLACE FUNCTION public.report() RETURNS SETOF public.notes LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = '' AS $$
DECLARE
  hops text[] := string_to_array(current_setting('request.headers', true)::json ->> 'x-forwarded-for', ',');
BEGIN
  IF coalesce(trim(${address}), '') NOT LIKE '10.%' THEN
    RAISE EXCEPTION 'only from the office' USING ERRCODE = '42501';
  END IF;
  RETURN QUERY SELECT * FROM public.notes;
END $$;`;

export const attack: Attack = {
  id: 'http-header-trust',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'says in a header or cookie who they are, and is believed',
  explains:
    'Every header and cookie of a request is its sender’s to choose, but for those that the platform’s proxies set. Each one that policies, views or routines read from request.headers or request.cookies is sent with people’s ids and with the words that it is compared with; the same request without it must show as much.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: DESK(`current_setting('request.headers', true)::json ->> 'x-user-id'`),
      repair: DESK('auth.uid()::text'),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: DESK(`nullif(current_setting('request.cookies', true), '')::json ->> 'desk'`),
      repair: DESK('auth.uid()::text'),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: REPORT('hops[1]'),
      repair: REPORT('hops[cardinality(hops)]'),
    },
  ],
  repair: ({ name }) =>
    `-- ${name}: who calls is (SELECT auth.uid()), or a claim below app_metadata; a header is the caller’s own word`,
  *trials(scene) {
    if (scene.door === undefined || sendablesIn(textsOf(scene)).length === 0) return;
    for (const persona of scene.attackers.filter(({ name }) => ['stranger', 'anon'].includes(name))) {
      yield* onTables(scene, persona);
      yield* onRoutines(scene, persona);
    }
  },
};

function* onTables(scene: Scene, persona: Persona): Iterable<Trial> {
  for (const relation of scene.catalog.relations.filter(isOwnTable)) {
    const own = policyTexts(relation.policies);
    const texts = [...own, ...routinesIn(scene.catalog, own.join('\n')).map(({ body }) => body)];
    const columns = columnsWith(scene.catalog, relation, persona.role, 'SELECT');
    const request = scene.door && readRequest(scene.door, relation, columns);
    const surface = { kind: 'relation', name: relation.name, verb: 'select' } as const;
    const statement = { sql: selectFor(scene.catalog, relation, persona), request: request ?? null };
    yield* believed(scene, surface, persona, texts, statement, (one) => judgeTableRead(scene, relation, one));
  }
}

function* onRoutines(scene: Scene, persona: Persona): Iterable<Trial> {
  for (const rehearsal of scene.calls.values()) {
    const known = rehearsal.state === 'happy' ? rehearsal.call : rehearsal.tried[0];
    if (!known) continue;
    const call = replayedBy(known, persona);
    const texts = calledBy(scene.catalog, call.routine).map(({ body }) => body);
    const surface = { kind: 'routine', name: call.routine.name, verb: 'call' } as const;
    const statement = { sql: call.sql, request: (scene.door && callRequest(scene.door, call)) ?? null };
    yield* believed(scene, surface, persona, texts, statement, (one) => judgeReply(scene, surface, one));
  }
}

interface Statement {
  readonly sql: string;
  /** Null: the API cannot be asked for it. */
  readonly request: RequestSaid | null;
}

/** The same on the wire, where a request's headers are a setting, and as requests. */
function* believed(
  scene: Scene,
  surface: Surface,
  persona: Persona,
  texts: readonly string[],
  { sql, request }: Statement,
  judge: (one: Observation) => Verdict,
): Iterable<Trial> {
  const sent = sendablesIn(texts);
  const names = sent.map(({ name }) => name);
  const lies = valuesFor(scene, texts, names).flatMap((value) => sent.map((what) => ({ what, value })));
  if (lies.length === 0) return;
  const common = { surface, persona, judge: (all: readonly Observation[]) => judgeAgainstPlain(all, judge) };
  const posing = lies.map(({ what, value }) => ({ persona: settingOf(persona, what, value), sql }));
  yield { ...common, shape: 'rolled back', probes: [{ persona, sql }, ...posing] };
  if (request === null) return;
  const requests = lies.map(({ what, value }) => ({
    ...request,
    headers: { ...request.headers, ...sending(what, value) },
  }));
  yield { ...common, shape: 'http', probes: [request, ...requests].map((one) => requestProbe(persona, one)) };
}

function settingOf(persona: Persona, what: Sendable, value: string): Persona {
  const setting = { name: `request.${what.from}`, value: JSON.stringify(heardAs(what, value)) };
  return { ...persona, settings: [...persona.settings.filter(({ name }) => name !== setting.name), setting] };
}

/** As PostgREST hands it on. */
function heardAs(what: Sendable, value: string): { readonly [name: string]: string } {
  return what.from === 'cookies' ? { [what.name]: value } : sending(what, value);
}
