/** Hands tokens that nobody signed to functions which read them by themselves. */

import { claimsOf, signedIn } from '../../fixtures/act/personas.ts';
import { calledBy } from '../../fixtures/engine/code.ts';
import { type Sendable, sendablesIn, sending } from '../../fixtures/engine/headers-read.ts';
import { tablesOfOthers } from '../../fixtures/engine/served-tables.ts';
import { type RequestSaid, requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest } from '../../fixtures/http/requests.ts';
import { spoiledTokens } from '../../fixtures/http/spoiled.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Claims, Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Token } from '../../fixtures/model/probe.ts';
import type { ArgumentValue, Scene } from '../../fixtures/model/scene.ts';
import type { Surface } from '../../fixtures/model/verdict.ts';
import { judgeAgainstPlain } from '../../fixtures/oracles/against-plain.ts';
import { judgeCanaries, judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const DECODED = (part: string) =>
  `convert_from(decode(rpad(translate(split_part(${part}, '.', 2), '-_', '+/'), 4 * ((length(split_part(${part}, '.', 2)) + 3) / 4), '='), 'base64'), 'UTF8')`;

const BEFORE = (adopt: string) => `
CREATE OR REPLACE FUNCTION public.before_request() RETURNS void LANGUAGE plpgsql AS $$
DECLARE token text := current_setting('request.headers', true)::json ->> 'x-session';
BEGIN
  IF token IS NOT NULL THEN ${adopt} END IF;
END $$;`;

const INSTALLED = `
DO $$ BEGIN EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET pgrst.db_pre_request = %L', current_database(), 'public.before_request'); END $$;`;

const MINE = (who: string) => `
CREATE OR REPLACE FUNCTION public.my_notes(p_token text) RETURNS SETOF public.notes LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$
  SELECT * FROM public.notes WHERE owner_id::text = ${who}
$$;`;

export const attack: Attack = {
  id: 'http-token-believed',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'is believed a token that nobody signed for them',
  explains:
    'Tokens in the name of others, unsigned (alg: none), signed with another key, long expired, or meant for another audience, are sent as the caller’s own token, in each header and cookie that the function before each request reads, and as each argument that may be a token. PostgREST refuses the first; what a project decodes by itself must be verified by it.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES + INSTALLED,
      plant: BEFORE(`PERFORM set_config('request.jwt.claims', ${DECODED('token')}, true);`),
      repair: BEFORE(`RAISE EXCEPTION 'sessions are over' USING ERRCODE = '28000';`),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: MINE(`(${DECODED('p_token')})::json ->> 'sub'`),
      repair: MINE('auth.uid()::text'),
    },
  ],
  repair: ({ name }) =>
    `-- ${name}: take the caller from request.jwt.claims, which PostgREST has verified; never decode a token in SQL`,
  *trials(scene) {
    const persona = scene.attackers.find(({ name }) => name === 'stranger');
    if (scene.door === undefined || persona === undefined) return;
    const victim = signedIn(scene.world.circles.b.lead, 'victim');
    const tokens = spoiledTokens({ ...claimsOf(victim), role: victim.role });
    yield* atTheDoor(scene, { ...claimsOf(victim), role: victim.role });
    const before = scene.catalog.routines.find((routine) => runsFirst(scene.door?.preRequest ?? '', routine));
    if (before !== undefined) yield* beforeEach(scene, before, persona, tokens);
    for (const routine of scene.catalog.routines.filter((one) => !one.platform))
      yield* asArgument(scene, routine, persona, tokens);
  },
};

const LONG_AGO = 1_500_000_000;

/** What PostgREST itself refuses, with a look at what it would open. Of audiences it asks where it is told to. */
function* atTheDoor(scene: Scene, claims: Claims): Iterable<Trial> {
  const persona = scene.attackers.find(({ role }) => role === 'anon');
  const [table] = persona === undefined ? [] : tablesOfOthers(scene, persona, 1);
  if (persona === undefined || table === undefined) return;
  const tokens: readonly Token[] = [
    { kind: 'unsigned', claims },
    { kind: 'forged', claims },
    { kind: 'signed', claims: { ...claims, exp: LONG_AGO } },
    ...(scene.door?.audience ? [{ kind: 'signed' as const, claims: { ...claims, aud: 'elsewhere' } }] : []),
  ];
  yield {
    surface: { kind: 'role', name: 'authenticated', verb: 'become' },
    persona,
    shape: 'http',
    probes: tokens.map((token) => requestProbe(persona, { ...table.request, token })),
    judge: (observations) => {
      const at = observations.findIndex(({ error }) => error === null);
      const { kind } = tokens[at] ?? {};
      if (kind === undefined) return { state: 'held' };
      const what = kind === 'signed' ? 'which has expired, or is for others' : `which is ${kind}`;
      return {
        state: 'broken',
        expected: 'a token that is not valid is answered with 401',
        observed: `a token in the name of somebody else, ${what}, was answered with ${observations[at]?.http?.status}`,
        columns: [],
        at,
      };
    },
  };
}

function runsFirst(setting: string, { schema, proname }: Routine): boolean {
  return setting === `${schema}.${proname}` || (schema === 'public' && setting === proname);
}

function* beforeEach(scene: Scene, before: Routine, persona: Persona, tokens: readonly string[]): Iterable<Trial> {
  const sent = sendablesIn(calledBy(scene.catalog, before).map(({ body }) => body));
  for (const { relation, request } of sent.length === 0 ? [] : tablesOfOthers(scene, persona)) {
    const lies = tokens.flatMap((token) => sent.map((what) => carrying(request, what, token)));
    yield {
      surface: { kind: 'routine', name: before.name, verb: 'call' },
      persona,
      shape: 'http',
      probes: [request, ...lies].map((one) => requestProbe(persona, one)),
      judge: (observations) => judgeAgainstPlain(observations, (one) => judgeTableRead(scene, relation, one)),
    };
  }
}

function carrying(request: RequestSaid, what: Sendable, token: string): RequestSaid {
  return { ...request, headers: { ...request.headers, ...sending(what, token) } };
}

const TOKEN = /token|jwt|session|bearer/i;

/** Called first with what is no token at all. */
function* asArgument(scene: Scene, routine: Routine, persona: Persona, tokens: readonly string[]): Iterable<Trial> {
  const at = routine.arguments.findIndex(({ name, category }) => category === 'S' && TOKEN.test(name));
  if (at < 0 || !mayExecute(scene.catalog, routine, persona.role) || !DECODES.test(routine.body)) return;
  const rehearsal = scene.calls.get(routine.name);
  const known = rehearsal?.state === 'happy' ? rehearsal.call : rehearsal?.tried[0];
  const values = known?.values ?? routine.arguments.map((): ArgumentValue => ({ value: null, meaning: 'value' }));
  const requests = ['none', ...tokens].map((token) => {
    const given = values.map((one, place): ArgumentValue => (place === at ? { value: token, meaning: 'value' } : one));
    return scene.door === undefined ? null : callRequest(scene.door, { routine, values: given });
  });
  const probes = requests.flatMap((request) => (request === null ? [] : [requestProbe(persona, request)]));
  const surface: Surface = { kind: 'routine', name: routine.name, verb: 'call' };
  if (probes.length > 0)
    yield {
      surface,
      persona,
      shape: 'http',
      probes,
      judge: (observations) => judgeAgainstPlain(observations, (one) => judgeCanaries(scene, surface, one)),
    };
}

/** Whoever compares a token with a stored one has no use for its parts. */
const DECODES = /split_part|string_to_array|decode\s*\(|\bverify\s*\(|regexp_split/i;
