/** The plans that the server makes for the statements inside functions, and tables that are full enough for plans to matter. */

import { perform } from '../../../fixtures/act/act.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { vacuumAll } from '../../vacuumed.ts';
import type { Scene } from './scene.ts';

/** One statement's plan: everything that it scans, in the order of the plan. */
export interface Plan {
  readonly query: string;
  readonly scans: readonly ScanOfTable[];
}

/** `index` null: from end to end. An index of a partition has the name of the index that it is a part of. */
export interface ScanOfTable {
  readonly table: string;
  readonly index: string | null;
  /** Rows that were read and did not fit. */
  readonly discarded: number;
}

/** Whether the planner knows the parameters, or plans for any: PL/pgSQL goes from the one to the other with its sixth call. */
export type PlanCacheMode = 'force_custom_plan' | 'force_generic_plan';

const SETTINGS = {
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
} as const;

/** Lets the set-up session tell the plan of whatever it runs. */
export async function explainAll(owner: Session): Promise<void> {
  const settings = Object.entries(SETTINGS).map(([name, value]) => `SET ${name} = ${value}`);
  await owner.script(["LOAD 'auto_explain'", ...settings].join('; '));
}

/** What one call answered and the plans of every statement that it came to, functions, triggers and foreign keys included. */
export interface Explanation {
  readonly observation: Observation;
  readonly plans: readonly Plan[];
}

/**
 * Calls, and undoes it.
 * @param first what the owner does in the same transaction, before the call
 */
export async function explain(owner: Session, probe: Probe, mode: PlanCacheMode, first = ''): Promise<Explanation> {
  const parents = await parentIndexes(owner);
  await owner.script(`BEGIN; SET LOCAL plan_cache_mode = ${mode}; ${first}`);
  const observation = await perform(owner, probe);
  await owner.script('ROLLBACK');
  const plans = observation.notices.flatMap(({ message }) => {
    const [, json] = /^duration: .*? plan:\n([\s\S]*)$/.exec(message) ?? [];
    return json === undefined ? [] : [planOf(JSON.parse(json) as Explained, parents)];
  });
  return { observation, plans };
}

interface Explained {
  readonly 'Query Text': string;
  readonly Plan: PlanNode;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function planOf(explained: Explained, parents: ReadonlyMap<string, string>): Plan {
  return { query: explained['Query Text'], scans: [...scansOf(explained.Plan, '', parents)] };
}

/** The table of a bitmap stands above the indexes that it is read by. */
function* scansOf(node: PlanNode, above: string, parents: ReadonlyMap<string, string>): Iterable<ScanOfTable> {
  const table = node['Relation Name'] ?? above;
  const index = node['Index Name'];
  const discarded = node['Rows Removed by Filter'] ?? 0;
  if (index !== undefined) yield { table, index: parents.get(index) ?? index, discarded };
  if (node['Node Type'] === 'Seq Scan') yield { table, index: null, discarded };
  for (const child of node.Plans ?? []) yield* scansOf(child, table, parents);
}

async function parentIndexes(owner: Session): Promise<ReadonlyMap<string, string>> {
  const { rows } = await owner.query(
    `SELECT part.relname AS part, parent.relname AS parent
     FROM pg_inherits AS link
     JOIN pg_class AS part ON part.oid = link.inhrelid AND part.relkind = 'i'
     JOIN pg_class AS parent ON parent.oid = link.inhparent`,
  );
  return new Map(rows.map(({ part, parent }) => [String(part), String(parent)]));
}

const HASH = "repeat('0', 64)";

/** Some 25 000 rows of others around what the scene holds, triggers aside, with statistics. */
export async function fillAround({ owner }: Scene): Promise<void> {
  await owner.script(`BEGIN;
    SET LOCAL session_replication_role = replica;
    INSERT INTO auth.users (id) SELECT gen_random_uuid() FROM generate_series(1, 1000);
    CREATE TEMPORARY TABLE around ON COMMIT DROP AS
    SELECT n, gen_random_uuid() AS id, least(one, two) AS low, greatest(one, two) AS high, now() - n * interval '1 minute' AS at
    FROM generate_series(1, 1000) AS n
    CROSS JOIN LATERAL (SELECT gen_random_uuid() AS one, gen_random_uuid() AS two WHERE n > 0) AS pair;
    INSERT INTO public.core_scopes (id, scope_type, visibility, join_mode, policy_hash, dm_user_low, dm_user_high, scope_max_seq, created_by)
    SELECT id, 'dm', 'private', 'invite_only', ${HASH}, low, high, 3, low FROM around;
    INSERT INTO public.core_policies (scope_id, version, visibility, join_mode, delivery_strategy, invite_ttl, policy_hash)
    SELECT id, 1, 'private', 'invite_only', 'fanout_on_write', 168, ${HASH} FROM around;
    INSERT INTO public.core_members (scope_id, user_id) SELECT id, unnest(ARRAY[low, high]) FROM around;
    INSERT INTO public.core_projections (scope_id, user_id) SELECT id, unnest(ARRAY[low, high]) FROM around;
    INSERT INTO public.core_projection_watermarks (scope_id) SELECT id FROM around;
    INSERT INTO public.core_snapshots (scope_id, snapshot_seq, state, state_hash) SELECT id, 3, '{}', ${HASH} FROM around;
    INSERT INTO public.core_migrations (scope_id, kind, name, step, state, in_progress, checkpoint)
    SELECT id, 'migration', 'rehash_payloads', 'finished', 'done', false, 3 FROM around;
    INSERT INTO public.core_admin_actions (actor_id, scope_id, action, reason_code, created_at)
    SELECT high, id, 'set_maintenance', 'user_request', at FROM around;
    INSERT INTO public.core_invites (scope_id, invited_user_id, inviter_id, policy_version, policy_hash, status, expires_at)
    SELECT id, high, low, 1, ${HASH}, CASE again WHEN 1 THEN 'pending' ELSE 'rejected' END, at + interval '16 hours'
    FROM around, generate_series(1, 5) AS again;
    INSERT INTO public.core_rate_limits (bucket, subject, slot, called_at)
    SELECT unnest('{command_actor,timeline_actor}'::text[]), low::text, 0, at FROM around;
    INSERT INTO public.core_events (scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, client_ts, classification)
    SELECT id, seq, low, 'message_send', gen_random_uuid(), '{"body": "hello"}', ${HASH}, at, 'normal'
    FROM around, generate_series(1, 3) AS seq;
    INSERT INTO public.core_outcomes (tier, actor_id, scope_id, command_type, event_idempotency_key, state, outcome, code, payload_hash, created_at, archived_at)
    SELECT tier, low, id, 'message_send', gen_random_uuid(), CASE tier WHEN 'hot' THEN 'committed' ELSE 'archived' END, '{"ok": true}',
      'event_appended', ${HASH}, at - interval '729 days 12 hours', CASE tier WHEN 'archive' THEN at END
    FROM around, unnest('{hot,archive}'::text[]) AS tier, generate_series(1, 2);
    COMMIT`);
  await vacuumAll(owner);
}
