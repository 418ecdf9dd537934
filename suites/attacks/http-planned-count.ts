/** Asks for planned counts, which are made from the size of the whole table. */

import { nameOf } from '../../fixtures/act/sql.ts';
import { says } from '../../fixtures/engine/code.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { concerns, isPublished, isReadable, unique } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

/** The setting is of this database alone: roles are the whole server's. */
const GUARD = (which: string) => `
CREATE SCHEMA IF NOT EXISTS private;
GRANT USAGE ON SCHEMA private TO anon, authenticated, service_role;
CREATE OR REPLACE FUNCTION private.refuse_estimates() RETURNS void LANGUAGE plpgsql SET search_path = '' AS $$
BEGIN
  IF current_setting('request.headers', true)::json ->> 'prefer' ${which} THEN
    RAISE EXCEPTION 'only exact counts are given' USING ERRCODE = 'PT400';
  END IF;
END $$;
DO $$ BEGIN
  EXECUTE format('ALTER ROLE authenticator IN DATABASE %I SET pgrst.db_pre_request = ''private.refuse_estimates''', current_database());
END $$;`;

export const attack: Attack = {
  id: 'http-planned-count',
  group: 'front door',
  severity: 'medium',
  reachable: 'http',
  title: 'passes the guard against planned counts, and learns how many rows others have',
  explains:
    '`count=exact` counts what row security shows. `count=planned` is the planner’s guess from the size and statistics of the whole table: it grows with rows that the caller does not see. PostgREST has no setting against it, so it is no hole of one project and not reported of each; `count=estimated` is exact up to max-rows. Where a pre-request function refuses planned counts, the preference is said beside others, too.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: GUARD(`= 'count=planned'`),
      repair: GUARD(`~ 'count=(planned|estimated)'`),
    },
    {
      platform: 'supabase',
      base: NOTES + OWN_NOTES,
      plant: GUARD(`LIKE 'count=planned%'`),
      repair: 'REVOKE SELECT ON public.notes FROM anon, authenticated;',
    },
  ],
  repair: () =>
    `-- refuse the preference wherever it stands: current_setting('request.headers', true)::json ->> 'prefer' ~ 'count=(planned|estimated)'`,
  *trials(scene) {
    if (!isGuardedAgainst(scene)) return;
    for (const [schema, relations] of Map.groupBy(scene.catalog.relations.filter(isGuarded), (one) => one.schema)) {
      for (const persona of bystanders(scene.attackers)) {
        const hiding = relations.filter((one) => hidesRows(scene, one, persona)).slice(0, MOST_TABLES);
        if (hiding.length > 0) yield trial(scene, schema, persona, hiding);
      }
    }
  },
};

/** A function runs before each request and looks for such counts. */
function isGuardedAgainst({ door, catalog }: Scene): boolean {
  const { preRequest = null } = door ?? {};
  if (preRequest === null) return false;
  const name = preRequest.includes('.') ? preRequest : `public.${preRequest}`;
  const guards = catalog.routines.filter(({ schema, proname }) => `${schema}.${proname}` === name);
  return guards.some((guard) => says(catalog, guard, /planned|estimated|count=/i));
}

const MOST_TABLES = 3;

/** Whose size is nothing that the persona could count for themselves. */
function hidesRows(scene: Scene, relation: Relation, persona: Persona): boolean {
  if (columnsWith(scene.catalog, relation, persona.role, 'SELECT').length === 0) return false;
  return rowsOf(scene, relation.name).some(
    (row) => !concerns(row, persona) && !isReadable(scene, persona, row) && !isPublished(scene, persona, row),
  );
}

/** As ANALYZE leaves a table with so many rows; what is stored stays as it is. */
const SIZES = [10_000, 1_000_000];

/** The preference alone, and after another one. */
const PREFERENCES = ['count=planned', 'return=representation, count=planned'];

function trial(scene: Scene, schema: string, persona: Persona, tables: readonly Relation[]): Trial {
  const asked = tables.flatMap((table) => {
    const columns = columnsWith(scene.catalog, table, persona.role, 'SELECT');
    const read = scene.door && readRequest(scene.door, table, columns.slice(0, 1));
    if (!read) return [];
    return PREFERENCES.map((prefer) => {
      const request = { ...read, path: `${read.path}&limit=0`, headers: { ...read.headers, prefer } };
      return { table, probe: requestProbe(persona, request) };
    });
  });
  return {
    surface: { kind: 'schema', name: schema, verb: 'count' },
    persona,
    shape: 'http',
    probes: asked.flatMap(({ table, probe }) => SIZES.map((rows) => ({ ...probe, given: [sized(table, rows)] }))),
    judge: (observations) =>
      judge(
        persona,
        asked.map(({ table }) => table.name),
        observations,
      ),
  };
}

function sized(table: Relation, rows: number): string {
  return `UPDATE pg_class SET reltuples = ${rows}, relpages = greatest(relpages, 1) WHERE oid = ${literal(nameOf(table))}::regclass`;
}

function judge({ name }: Persona, tables: readonly string[], observations: readonly Observation[]): Verdict {
  const counts = tables.map((table, at) => {
    const [few, many] = [observations[2 * at], observations[2 * at + 1]].map(totalOf);
    return { table, few: few ?? 0, many: many ?? 0 };
  });
  const telling = counts.filter(({ few, many }) => many >= 10 * few && few > 1);
  const [first] = telling;
  if (!first) return { state: 'held' };
  return {
    state: 'broken',
    expected: `${name} learns nothing of how many rows there are that they may not see`,
    observed: `${name} had a planned count of ${unique(telling.map(({ table }) => table)).join(', ')} that grows with rows which they may not see`,
    columns: unique(telling.map(({ table }) => table)),
    at: 2 * counts.indexOf(first) + 1,
  };
}

/** What `Content-Range` says after its slash. */
function totalOf(observation: Observation | undefined): number | null {
  const total = /\/(\d+)$/.exec(observation?.http?.headers?.['content-range'] ?? '')?.[1];
  return total === undefined ? null : Number(total);
}
