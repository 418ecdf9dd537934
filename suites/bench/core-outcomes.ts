/** Outcomes of commands by the million, and what it costs to find one again: hot, and in the archive. */

import { createHash } from 'node:crypto';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { type Call, callTogether, levelOf, type Plan, type Rounds, userOf } from './core-callers.ts';
import type { Ground } from './core-ground.ts';
import type { DataPlace } from './machine.ts';
import { type Bench, type Measurement, timed } from './measurement.ts';

type Tier = 'hot' | 'archive';

/** Outcomes are dealt out to so many actors in turn, callers among them. */
const ACTORS = 1000;
/** Rows that one statement writes: short enough to be interrupted and to say how far it is. */
const BATCH = 1_000_000;
/** What one outcome takes on the disk in both tiers, indexes and write-ahead log on the way included. */
const BYTES_OF_BOTH = 1600;
const PAYLOAD = { body: 'When would suit you?' };

/** What an outcome was found by, where, and what the finding has to answer. */
const finds = [
  ['hot', 'replay', 'event_appended', { relation: '≤', value: 50 }],
  ['hot', 'status', 'outcome_found', { relation: '≤', value: 50 }],
  ['archive', 'replay', 'outcome_archived_check_required', { relation: '≤', value: 500 }],
  ['archive', 'status', 'outcome_found', { relation: '≤', value: 500 }],
] as const;

/** With ten times the outcomes a search by index stays below this; one from end to end takes ten times as long. */
const GROWTH = { relation: '≤', value: 3 } as const;

/** Grows both tiers to each size in turn and measures there; levels of each size, then the growth from size to size. */
export async function measureOutcomes(
  ground: Ground,
  rounds: Rounds,
  sizes: readonly number[],
  bench: Bench,
): Promise<readonly Measurement[]> {
  const levels: Measurement[] = [];
  let held = 0;
  for (const size of sizes) {
    await grow(ground, held, size, bench);
    held = size;
    for (const [tier, by, answer, target] of finds) {
      await ground.owner.script('TRUNCATE public.core_rate_limits');
      const spread = await callTogether(ground.sessions, rounds, planOf(tier, by, answer, size));
      levels.push(levelOf(nameOf(tier, by, size), spread, 'p95', target));
      bench.say(`${nameOf(tier, by, size)}: p95 ${spread.p95.toFixed(1)} ms`);
    }
  }
  return [...levels, ...finds.flatMap(([tier, by]) => growthOf(tier, by, sizes, levels))];
}

function nameOf(tier: Tier, by: string, size: number): string {
  return `${tier === 'hot' ? 'hot' : 'archived'} outcome, ${by}, at ${power(size)}`;
}

/** 100000 as 10⁵. */
export function power(size: number): string {
  return `10${[...String(Math.round(Math.log10(size)))].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)]).join('')}`;
}

function growthOf(tier: Tier, by: string, sizes: readonly number[], levels: readonly Measurement[]): Measurement[] {
  const p95 = (size: number) => levels.find(({ level }) => level.startsWith(nameOf(tier, by, size)))?.measured;
  return sizes.slice(1).map((size, before) => {
    const smaller = sizes[before] ?? size;
    const [from, to] = [p95(smaller) ?? Number.NaN, p95(size) ?? Number.NaN];
    return {
      system: 'core',
      level: `${nameOf(tier, by, size)}, growth from ${power(smaller)}`,
      measured: to / from,
      unit: '×',
      target: GROWTH,
      under: `p95 ${from.toFixed(1)} and ${to.toFixed(1)} ms`,
    };
  });
}

/** Own outcomes of each caller, all over the table. */
function planOf(tier: Tier, by: 'replay' | 'status', answer: string, size: number): Plan {
  return (at, round): Call => {
    const place = (round * 7919 + at * 104_729) % Math.floor(size / ACTORS);
    const n = place * ACTORS + (at === 0 ? ACTORS : at);
    const identity = { p_scope: scopeOf(n), p_command_type: 'message_send', p_key: uuidOf(`${tier} ${n}`) };
    if (by === 'status') return { rpc: 'command_status', args: identity, answer };
    const args = { ...identity, p_payload: PAYLOAD, p_client_ts: new Date().toISOString() };
    return { rpc: 'append_event', args, answer };
  };
}

const scopeOf = (n: number) => uuidOf(`scope ${n % 5000}`);

function uuidOf(text: string): string {
  const hex = createHash('md5').update(text).digest('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** Both tiers at once, a connection each. */
async function grow(ground: Ground, from: number, to: number, bench: Bench): Promise<void> {
  await Promise.all([fill(ground.owner, 'hot', from, to, bench), fill(ground.second, 'archive', from, to, bench)]);
  await ground.owner.script('VACUUM (ANALYZE) public.core_outcomes');
  await ground.owner.script('CHECKPOINT');
}

async function fill(owner: Session, tier: Tier, from: number, to: number, { say, signal }: Bench): Promise<void> {
  for (let first = from + 1; first <= to; first += BATCH) {
    signal.throwIfAborted();
    const last = Math.min(to, first + BATCH - 1);
    const { elapsed } = await timed(() => owner.script(fillOf(tier, first, last)));
    if (elapsed > 2000) say(`tier ${tier}: ${last} of ${to} outcomes, ${(elapsed / 1000).toFixed(1)} s for the last`);
  }
}

/** In the order of their keys: the index is written from its start to its end. */
function fillOf(tier: Tier, first: number, last: number): string {
  const people = userOf(0).slice(0, -12);
  return `BEGIN;
    SET LOCAL session_replication_role = replica;
    SET LOCAL work_mem = '256MB';
    INSERT INTO public.core_outcomes
      (tier, actor_id, scope_id, command_type, event_idempotency_key, state, outcome, code, payload_hash, archived_at)
    SELECT ${literal(tier)}, (${literal(people)} || lpad(to_hex(n % ${ACTORS}), 12, '0'))::uuid, md5('scope ' || n % 5000)::uuid,
      'message_send', md5(${literal(`${tier} `)} || n)::uuid::text, ${literal(tier === 'hot' ? 'committed' : 'archived')},
      jsonb_build_object('ok', true, 'code', 'event_appended', 'event_seq', n, 'scope_max_seq', n, 'server_time', now()),
      'event_appended', hashed.of_payload, ${tier === 'hot' ? 'NULL::timestamptz' : 'now()'}
    FROM generate_series(${first}, ${last}) AS n, core.hash_of(${literal(JSON.stringify(PAYLOAD))}) AS hashed (of_payload)
    ORDER BY 5;
    COMMIT`;
}

/** Why so many outcomes cannot be written there, in one sentence; null: they can. */
export function tooLargeFor({ kind, free }: DataPlace, size: number): string | null {
  const left = `${power(size)} outcomes are left out`;
  if (kind !== 'on disk') return `${left}: the server's data lies ${kind}, not on a disk of this one.`;
  const needed = (size * BYTES_OF_BOTH) / 1e9;
  return free >= needed ? null : `${left}: they take ${needed.toFixed(0)} GB, and ${free.toFixed(0)} GB are free.`;
}
