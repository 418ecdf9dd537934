/** Sends keys in a JSON argument that a function passes on to set_config: the claims, the role. */

import { claimsOf, signedIn } from '../../fixtures/act/personas.ts';
import { callOf } from '../../fixtures/engine/calls.ts';
import { calledBy } from '../../fixtures/engine/code.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { ArgumentValue, Scene } from '../../fixtures/model/scene.ts';
import type { Surface, Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { judgeAgainstPlain } from '../../fixtures/oracles/against-plain.ts';
import { judgeReply } from '../../fixtures/oracles/directory.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const SEARCH = (name: string) => `
CREATE OR REPLACE FUNCTION public.search_notes(options jsonb) RETURNS SETOF public.notes LANGUAGE plpgsql SET search_path = '' AS $$
DECLARE
  option record;
BEGIN
  FOR option IN SELECT * FROM jsonb_each_text(options) LOOP
    PERFORM set_config(${name}, option.value, true);
  END LOOP;
  RETURN QUERY EXECUTE 'SELECT * FROM public.notes';
END $$;`;

const OF_BODY = (name: string) => `
CREATE OR REPLACE FUNCTION public.search_notes(jsonb) RETURNS SETOF public.notes LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  PERFORM set_config(${name}, option.value, true) FROM jsonb_each_text($1) AS option;
  RETURN QUERY EXECUTE 'SELECT * FROM public.notes';
END $$;`;

export const attack: Attack = {
  id: 'http-setting-injection',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'sets role or claims by a key of a JSON argument',
  explains:
    'Where a function gives set_config a name that is not a constant, every JSON argument (and the whole body, where the function takes that) gets keys named request.jwt.claims and role, with somebody else’s claims and with service_role. The same call without them must show as much.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: SEARCH('option.key'),
      repair: SEARCH(`'search.' || option.key`),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: OF_BODY('option.key'),
      repair: OF_BODY(`'search.' || option.key`),
    },
  ],
  repair: ({ name }) =>
    `-- in ${name}: the name given to set_config is a constant, or begins with one that ends in a dot`,
  *trials(scene) {
    const persona = scene.attackers.find(({ name }) => name === 'stranger');
    if (scene.door === undefined || persona === undefined) return;
    for (const routine of scene.catalog.routines.filter((one) => !one.platform && one.kind === 'function')) {
      if (!mayExecute(scene.catalog, routine, persona.role) || !setsAnything(scene, routine)) continue;
      for (const at of routine.arguments.keys()) yield* keyed(scene, routine, at, persona);
    }
  },
};

/** A name that is no constant: `set_config(key, …)`. */
const OPEN = /\bset_config\s*\(\s*(?!'[^']*'\s*(?:::\w+\s*)?,)/i;

function setsAnything({ catalog }: Scene, routine: Routine): boolean {
  return calledBy(catalog, routine).some(({ body }) => OPEN.test(body));
}

function* keyed(scene: Scene, routine: Routine, at: number, persona: Persona): Iterable<Trial> {
  if (!/^jsonb?$/.test(routine.arguments[at]?.baseType ?? '')) return;
  const victim = signedIn(scene.world.circles.b.lead);
  const claims = JSON.stringify({ ...claimsOf(victim), role: victim.role });
  const lies: readonly Json[] = [{}, { 'request.jwt.claims': claims }, { role: 'service_role' }];
  const surface: Surface = { kind: 'routine', name: routine.name, verb: 'call' };
  const judge = (all: readonly Observation[]): Verdict =>
    judgeAgainstPlain(all, (one) => judgeReply(scene, surface, one));
  const values = lies.map((lie) => valuesWith(scene, routine, at, lie));
  const sql = values.map((given) => callOf(routine, persona, given).sql);
  yield { surface, persona, shape: 'rolled back', probes: sql.map((one) => ({ persona, sql: one })), judge };
  const probes = values.flatMap((given) => {
    const request = scene.door === undefined ? null : callRequest(scene.door, { routine, values: given });
    return request === null ? [] : [requestProbe(persona, request)];
  });
  if (probes.length === lies.length) yield { surface, persona, shape: 'http', probes, judge };
}

function valuesWith(scene: Scene, routine: Routine, at: number, lie: Json): readonly ArgumentValue[] {
  const rehearsal = scene.calls.get(routine.name);
  const known = rehearsal?.state === 'happy' ? rehearsal.call : rehearsal?.tried[0];
  const values = known?.values ?? [];
  return routine.arguments
    .slice(0, Math.max(values.length, at + 1))
    .map(
      (_, place): ArgumentValue =>
        place === at ? { value: lie, meaning: 'value' } : (values[place] ?? { value: null, meaning: 'value' }),
    );
}
