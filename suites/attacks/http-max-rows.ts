/** Calls functions that answer with lists, and counts whether the API's limit of rows holds for them. */

import { calledBy } from '../../fixtures/engine/code.ts';
import { manyCopies } from '../../fixtures/engine/many-copies.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { type RequestSaid, requestProbe } from '../../fixtures/http/request-probe.ts';
import { callRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { DoorConfig } from '../../fixtures/model/door.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Call, Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { concerns, isReadable } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { NOTES } from '../plants.ts';

const FEED = (limit: string) => `
CREATE OR REPLACE FUNCTION public.feed(p_limit integer DEFAULT 20) RETURNS jsonb LANGUAGE sql STABLE SET search_path = '' AS $$
  SELECT coalesce(jsonb_agg(n), '[]') FROM (SELECT id, body FROM public.notes ${limit}) AS n $$;`;

const PUBLISHED = `${NOTES} CREATE POLICY "notes are for everybody" ON public.notes FOR SELECT TO authenticated USING (true);`;

export const attack: Attack = {
  id: 'http-max-rows',
  group: 'front door',
  severity: 'low',
  reachable: 'http',
  title: 'takes a whole table in one request, past the limit of rows',
  explains:
    'max-rows cuts what tables, views and functions of rows answer, whatever range is asked for; a range beyond the end is 416 and tells the count that the caller may see. A function that answers with one JSON value is not cut: its list is as long as its own LIMIT lets it be, or as the caller says. The table is filled with copies of a published row of somebody else, and the function asked for all of them; a list of one’s own rows is not counted.',
  plants: [
    { platform: 'supabase', base: PUBLISHED, plant: FEED(''), repair: FEED('LIMIT 100') },
    {
      platform: 'supabase',
      base: PUBLISHED,
      plant: FEED('LIMIT p_limit'),
      repair: FEED('LIMIT least(greatest(p_limit, 1), 100)'),
    },
  ],
  repair: ({ name }) =>
    `-- in ${name}: LIMIT least(…, 100) below the aggregate, or return rows (SETOF), which the API cuts`,
  *trials(scene) {
    const { door } = scene;
    if (door === undefined || door.maxRows === null) return;
    for (const rehearsal of scene.calls.values()) {
      if (rehearsal.state !== 'happy' || rehearsal.effect === 'change') continue;
      const { routine, persona } = rehearsal.call;
      const attacker = scene.attackers.some(({ name }) => name === persona.name);
      if (attacker && /^jsonb?$/.test(routine.returns))
        yield* trials(scene, { ...door, maxRows: door.maxRows }, rehearsal.call);
    }
  },
};

type Limited = DoorConfig & { readonly maxRows: number };

function* trials(scene: Scene, door: Limited, call: Call): Iterable<Trial> {
  const request = callRequest(door, call);
  const given = copiesFor(scene, call, door.maxRows + 1);
  if (request === null || given.length === 0) return;
  yield {
    surface: { kind: 'routine', name: call.routine.name, verb: 'call' },
    persona: call.persona,
    shape: 'http',
    probes: [{ ...requestProbe(call.persona, unlimited(request, call)), given }],
    judge: ([observation]) => judge(call, door.maxRows, observation),
  };
}

const MOST_TABLES = 3;

/** Of each table that the function names, copies of a row of somebody else that the caller may see: one’s own may be had whole. */
function copiesFor(scene: Scene, { routine, persona }: Call, copies: number): readonly string[] {
  const bodies = calledBy(scene.catalog, routine).map(({ body }) => body);
  return scene.catalog.relations
    .filter((relation) => isOwnTable(relation) && bodies.some((body) => mentions(body, relation.relname)))
    .slice(0, MOST_TABLES)
    .flatMap((relation) => {
      const seen = rowsOf(scene, relation.name).find(
        (row) => !concerns(row, persona) && isReadable(scene, persona, row),
      );
      return (seen && manyCopies(scene, relation, seen, copies)) ?? [];
    });
}

const LIMIT = /(^|_)(limit|count|size|page_size|per_page|take|top|first|max|max_results|max_rows|n)$/i;

/** The same call, asking for as many as can be said. */
function unlimited(request: RequestSaid, { routine }: Call): RequestSaid {
  const limits = routine.arguments.filter(({ name, category }) => category === 'N' && LIMIT.test(name));
  const most = limits.map(({ name, baseType }): [string, Json] => [name, baseType === 'int2' ? 32_767 : 1_000_000]);
  const said = JSON.parse(request.body ?? '{}');
  return { ...request, body: JSON.stringify({ ...said, ...Object.fromEntries(most) }) };
}

function judge({ routine, persona }: Call, most: number, observation: Observation | undefined): Verdict {
  const longest = longestIn(JSON.parse(observation?.http?.body || 'null'));
  if (!observation || observation.error !== null || longest <= most) return { state: 'held' };
  return {
    state: 'broken',
    expected: `one request of ${persona.name} is answered with ${most} rows at most`,
    observed: `${persona.name} was answered with a list of more than ${most} by ${routine.name}`,
    columns: [],
  };
}

/** The value itself, or a list that one of its fields holds. */
function longestIn(value: Json): number {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  return Math.max(0, ...Object.values(value).map((each) => (Array.isArray(each) ? each.length : 0)));
}
