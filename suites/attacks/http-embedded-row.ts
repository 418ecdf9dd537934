/** Embeds what functions compute of each row: fields and relationships that show rows which row security hides. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { mayExecute } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { qualified } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

const AUTHORS = `${NOTES + OWN_NOTES}
CREATE TABLE public.authors (id uuid PRIMARY KEY REFERENCES auth.users (id), nickname text NOT NULL);
ALTER TABLE public.authors ENABLE ROW LEVEL SECURITY;
CREATE POLICY "nicknames are for everybody" ON public.authors FOR SELECT TO authenticated USING (true);
CREATE VIEW public.cards WITH (security_invoker = on) AS SELECT id, nickname FROM public.authors;`;

const DRAFT = (rights: string) => `
CREATE FUNCTION public.draft(public.cards) RETURNS text LANGUAGE sql STABLE ${rights} SET search_path = '' AS $$
  SELECT body FROM public.notes WHERE owner_id = $1.id LIMIT 1 $$;`;

export const attack: Attack = {
  id: 'http-embedded-row',
  group: 'front door',
  severity: 'critical',
  reachable: 'http',
  title: 'reads rows of somebody else as a computed field of rows that it may see',
  explains:
    'Embedding joins tables as the caller: row security hides the same rows there, and `!inner` tells nothing more. A function of a row is different: PostgREST shows it as a field or relationship of each visible row, and as SECURITY DEFINER it reads past every policy. It need not be callable by itself: its argument may have no name, or be a row of a view. What can be called is left to `rpc-foreign-row`.',
  plants: [
    {
      platform: 'supabase',
      base: AUTHORS,
      plant: DRAFT('SECURITY DEFINER'),
      repair: 'ALTER FUNCTION public.draft(public.cards) SECURITY INVOKER;',
    },
    {
      platform: 'supabase',
      base: AUTHORS,
      plant: DRAFT('SECURITY DEFINER'),
      repair: 'REVOKE EXECUTE ON FUNCTION public.draft(public.cards) FROM PUBLIC, anon, authenticated;',
    },
  ],
  *trials(scene) {
    for (const routine of scene.catalog.routines.filter((one) => !one.platform && one.kind === 'function')) {
      const relation = relationOf(scene, routine);
      if (!relation || scene.calls.get(routine.name)?.state === 'happy') continue;
      for (const persona of scene.attackers.filter(({ role }) => mayExecute(scene.catalog, routine, role)))
        yield* trials(scene, routine, relation, persona);
    }
  },
};

/** Whose row it takes, and nothing else. */
function relationOf({ catalog }: Scene, { arguments: all }: Routine): Relation | null {
  const [row, ...others] = all;
  if (row?.category !== 'C' || others.length > 0) return null;
  return catalog.relations.find(({ name, relname }) => row.type === name || row.type === relname) ?? null;
}

function* trials(scene: Scene, routine: Routine, relation: Relation, persona: Persona): Iterable<Trial> {
  const surface = { kind: 'routine', name: routine.name, verb: 'select' } as const;
  const common = {
    surface,
    persona,
    judge: (observations) => judgeEach(observations, (observation) => judgeCanaries(scene, surface, observation)),
  } as const satisfies Partial<Trial>;
  const called = `${qualified(routine.schema, routine.proname)}(parent)`;
  const sql = routine.returnsSet
    ? `SELECT child.* FROM ${nameOf(relation)} AS parent CROSS JOIN LATERAL ${called} AS child`
    : `SELECT ${called} FROM ${nameOf(relation)} AS parent`;
  yield { ...common, shape: 'rolled back', probes: [{ persona, sql }] };
  const found = scene.door && [...scene.door.schemas, ...scene.door.extraSearchPath].includes(routine.schema);
  const request = found && scene.door && readRequest(scene.door, relation, [routine.proname]);
  // Relationships are left to the wire: the gateway does not speak them.
  if (request && !routine.returnsSet) yield { ...common, shape: 'http', probes: [requestProbe(persona, request)] };
}
