/** Writes the name of a strong role wherever a user may, and looks whether the next token makes them that role. */

import { claiming, claimsOf } from '../../fixtures/act/personas.ts';
import { metadataPaths } from '../../fixtures/engine/forgeries.ts';
import { isTokenHook } from '../../fixtures/engine/hooks.ts';
import { tablesOfOthers } from '../../fixtures/engine/served-tables.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import { withClaim } from '../../fixtures/model/claims.ts';
import type { Claims, Persona } from '../../fixtures/model/persona.ts';
import type { Token } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';
import { worstOf } from '../../fixtures/oracles/trial.ts';
import { literal, qualified } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const HOOK = (source: string) => `
CREATE OR REPLACE FUNCTION public.issue(event jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE SET search_path = '' AS $$
BEGIN
  -- for event ->> 'user_id'
  RETURN jsonb_set(event, '{claims,role}', coalesce(event -> 'claims' -> '${source}' -> 'role', '"authenticated"'));
END $$;
REVOKE EXECUTE ON FUNCTION public.issue(jsonb) FROM PUBLIC, anon, authenticated;
GRANT EXECUTE ON FUNCTION public.issue(jsonb) TO supabase_auth_admin;`;

const ROLE_KEY = (path: string) => `
DO $$ BEGIN EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET pgrst.jwt_role_claim_key = %L', current_database(), '${path}'); END $$;`;

export const attack: Attack = {
  id: 'http-role-claim',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'names the role in which their requests run',
  explains:
    'PostgREST becomes the role that a signed token names. A user writes service_role into their own user_metadata; token hooks are asked for the claims that the auth service would sign then, and the role is looked for where pgrst.jwt_role_claim_key says. Whatever is read with such a token must be no more than the user may read.',
  plants: [
    { platform: 'supabase', base: NOTES + OWN_NOTES, plant: HOOK('user_metadata'), repair: HOOK('app_metadata') },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: ROLE_KEY('.user_metadata.role'),
      repair: ROLE_KEY('.app_metadata.role'),
    },
  ],
  repair: ({ kind, name }) =>
    kind === 'routine'
      ? `-- ${name}: the role of a token never comes from user_metadata; app_metadata is the server’s alone`
      : 'ALTER ROLE authenticator RESET pgrst.jwt_role_claim_key;',
  *trials(scene) {
    const persona = scene.attackers.find(({ name }) => name === 'stranger');
    if (scene.door === undefined || persona === undefined) return;
    for (const routine of scene.catalog.routines.filter(isTokenHook)) yield* issued(scene, routine, persona);
    const { roleClaim } = scene.door;
    if (roleClaim !== '.role') {
      const path = roleClaim.startsWith('.user_meta') ? roleClaim.slice(1).replaceAll('"', '') : 'user_metadata.role';
      const claims = withClaim({ ...claimsOf(persona), role: persona.role }, path, STRONG);
      const surface = { kind: 'setting', name: 'pgrst.jwt_role_claim_key', verb: 'become' } as const;
      yield* reads(scene, surface, persona, { kind: 'signed', claims });
    }
  },
};

const STRONG = 'service_role';

/** What the auth service would sign after the user has edited what is theirs to edit. */
function* issued(scene: Scene, routine: Routine, persona: Persona): Iterable<Trial> {
  const paths = ['role', ...metadataPaths([routine.body])];
  const data = paths.reduce<Claims>((all, path) => withClaim(all, path, STRONG), {});
  const forger = claiming(persona, (claims) => ({ ...claims, user_metadata: data }));
  const event = { user_id: persona.user, claims: claimsOf(forger), authentication_method: 'password' };
  const sql = `SELECT ${qualified(routine.schema, routine.proname)}(${literal(JSON.stringify(event))}) -> 'claims'`;
  const account = `UPDATE auth.users SET raw_user_meta_data = ${literal(JSON.stringify(data))} WHERE id = ${literal(persona.user)}`;
  const surface = { kind: 'routine', name: routine.name, verb: 'issue' } as const;
  const signer: Persona = { ...SIGNER, settings: [] };
  yield {
    surface,
    persona,
    shape: 'watched',
    probes: [{ persona: signer, sql: `${sql} ->> 'role'`, given: [account] }],
    judge: ([signed]) => judgeIssued(surface, persona, signed?.rows[0]?.[0] ?? null),
  };
  yield* reads(scene, surface, persona, { kind: 'issued', sql }, [account]);
}

/** As the auth service connects. */
const SIGNER: Persona = {
  name: 'the auth service',
  role: 'supabase_auth_admin',
  login: 'supabase_auth_admin',
  user: null,
  circle: null,
  settings: [],
  trusted: true,
};

function judgeIssued(surface: Surface, persona: Persona, role: string | null): Verdict {
  if (role === null || role === persona.role || role === 'anon') return { state: 'held' };
  return {
    state: 'broken',
    expected: `a token for ${persona.name} names ${persona.role}`,
    observed: `${persona.name} wrote ${role} into their user_metadata, and ${surface.name} gives them a token whose role is ${role}`,
    columns: [],
  };
}

function* reads(
  scene: Scene,
  surface: Surface,
  persona: Persona,
  token: Token,
  given: readonly string[] = [],
): Iterable<Trial> {
  const tables = tablesOfOthers(scene, persona);
  if (tables.length === 0) return;
  const probes = tables.map(({ request }, at) => ({
    ...requestProbe(persona, { ...request, token }),
    ...(at === 0 && given.length > 0 ? { given } : {}),
  }));
  yield {
    surface,
    persona,
    shape: 'http',
    probes,
    judge: (observations) =>
      worstOf(
        observations.map((one, at): Verdict => {
          const table = tables[at];
          const verdict = table ? judgeTableRead(scene, table.relation, one) : { state: 'held' as const };
          return verdict.state === 'broken' ? { ...verdict, at } : { state: 'held' };
        }),
      ),
  };
}
