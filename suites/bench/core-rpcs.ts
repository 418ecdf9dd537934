/** The calls of the platform core that users make, each measured by all callers at once. */

import { randomUUID } from 'node:crypto';
import { type Call, callTogether, levelOf, type Plan, type Rounds, userOf } from './core-callers.ts';
import type { Ground } from './core-ground.ts';
import type { Bench, Measurement } from './measurement.ts';

const LIMIT = { relation: '<', value: 100 } as const;
/** What a client asks for at once. */
const PAGE = 200;
/** Fewer than an event takes in a reply. */
const BYTES_OF_EVENT = 200;
/** No further back does the timeline go. */
const LOOKBACK = 30;

export interface Log {
  readonly events: number;
  readonly days: number;
}

/** One level for each RPC, and that all of them answered. */
export async function measureRpcs(
  ground: Ground,
  rounds: Rounds,
  log: Log,
  { say, signal }: Bench,
): Promise<readonly Measurement[]> {
  const levels: Measurement[] = [];
  for (const [level, plan] of Object.entries(plansOn(ground, rounds, log))) {
    signal.throwIfAborted();
    // A minute's calls of one actor are a few hundred at most: what the levels before left is not this one's.
    await ground.owner.script('TRUNCATE public.core_rate_limits');
    const spread = await callTogether(ground.sessions, rounds, await plan());
    levels.push(levelOf(level, spread, 'p99', LIMIT));
    say(`${level}: ${spread.calls} calls, p99 ${spread.p99.toFixed(1)} ms`);
  }
  const calls = levels.reduce((sum, { spread }) => sum + (spread?.calls ?? 0), 0);
  const succeeded = levels.reduce((sum, { spread }) => sum + (spread?.succeeded ?? 0), 0);
  const under = `${calls} calls of ${levels.length} kinds by ${ground.sessions.length} callers at once`;
  const success = { system: 'core', level: 'calls that answered as they had to', unit: '%', under } as const;
  return [...levels, { ...success, measured: (100 * succeeded) / calls, target: { relation: '=', value: 100 } }];
}

/** In this order: what one writes the next may read. */
function plansOn(ground: Ground, rounds: Rounds, log: Log): Readonly<Record<string, () => Plan | Promise<Plan>>> {
  const { sessions, own, open, shared, channels } = ground;
  const all = rounds.warmUp + rounds.measured;
  const of = (scopes: readonly string[], at: number) => scopes[at] ?? shared;
  // A person of the crowd for each call.
  const somebody = (at: number, round: number) => userOf(sessions.length + at * all + round);
  const first = Math.floor(log.events * (1 - Math.min(1, LOOKBACK / log.days)));
  const middle = Math.floor((first + log.events) / 2);
  const within = Math.max(PAGE, Math.floor((log.events - middle) / 2));
  const page = (after: (nth: number) => number) => () => (at: number, round: number) =>
    timeline(ground.log, after(at + round * sessions.length));
  return {
    'append, own scope': () => (at) => append(of(own, at)),
    'append, one scope for all': () => () => append(shared),
    'timeline, from the start': page(() => 0),
    'timeline, middle': page((nth) => middle + ((nth * PAGE) % within)),
    'timeline, newest': page(() => log.events - PAGE),
    'dialog metadata': () => (at) => ({
      rpc: 'get_dialog_metadata',
      args: { p_scopes: `{${[of(own, at), shared, ground.log, ...channels].join()}}` },
      answer: 'dialogs',
    }),
    'create scope': () => () => ({
      rpc: 'create_scope',
      args: { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'approval', p_key: randomUUID() },
      answer: 'scope_created',
    }),
    'direct message, new': () => (at, round) => directMessage(somebody(at, round), 'dm_created'),
    'direct message, existing': () => (at, round) => directMessage(somebody(at, round), 'dm_exists'),
    status: () => statusOf(ground),
    ack: () => (at, round) => ack(of(own, at), round + 1),
    'ack, nearly all of the log unread': () => (_, round) => ack(ground.log, round + 1),
    invite: () => (at, round) => ({
      rpc: 'invite',
      args: { p_scope: of(own, at), p_user: somebody(at, round), p_key: randomUUID() },
      answer: 'invite_issued',
    }),
    'accept an invitation': () => acceptanceOf(ground, somebody),
    join: () => (at, round) => membership(of(open, at), somebody(at, round), 'join', 'joined'),
    leave: () => (at, round) => membership(of(open, at), somebody(at, round), 'leave', 'removed'),
    'report what is missing': () => (_, round) => ({
      rpc: 'report_missing',
      args: { p_scope: ground.log, p_ranges: [[1 + round, PAGE + round]], p_key: randomUUID() },
      answer: 'resync_offered',
    }),
  };
}

function append(scope: string): Call {
  return {
    rpc: 'append_event',
    args: {
      p_scope: scope,
      p_command_type: 'message_send',
      p_payload: { body: 'When would suit you?', mentions: [] },
      p_key: randomUUID(),
      p_client_ts: new Date().toISOString(),
    },
    answer: 'event_appended',
  };
}

function timeline(scope: string, after: number): Call {
  const args = { p_scope: scope, p_after_seq: after, p_limit: PAGE };
  return { rpc: 'query_timeline', args, answer: 'timeline', atLeast: PAGE * BYTES_OF_EVENT };
}

function directMessage(other: string, answer: string): Call {
  return { rpc: 'create_or_get_dm', args: { p_other_user: other }, answer };
}

function ack(scope: string, seq: number): Call {
  return {
    rpc: 'ack',
    args: { p_scope: scope, p_delivered_seq: seq, p_read_seq: seq, p_key: randomUUID() },
    answer: 'receipt_stored',
  };
}

function membership(scope: string, user: string, action: string, answer: string): Call {
  return {
    rpc: 'change_membership',
    args: { p_scope: scope, p_user: user, p_action: action, p_key: randomUUID() },
    answer,
    user,
  };
}

/** Each caller asks for what their own appends answered. */
async function statusOf({ owner, own }: Ground): Promise<Plan> {
  const { rows } = await owner.query(
    `SELECT scope_id, array_agg(event_idempotency_key) AS keys
     FROM public.core_outcomes WHERE scope_id = ANY ($1) AND command_type = 'message_send' GROUP BY scope_id`,
    [own],
  );
  const keys = new Map(rows.map(({ scope_id, keys }) => [String(scope_id), keys as readonly string[]]));
  return (at, round) => {
    const scope = own[at] ?? '';
    const known = keys.get(scope) ?? [];
    const args = { p_scope: scope, p_command_type: 'message_send', p_key: known[round % known.length] ?? '' };
    return { rpc: 'command_status', args, answer: 'outcome_found' };
  };
}

/** Who was invited accepts. */
async function acceptanceOf({ owner }: Ground, somebody: (at: number, round: number) => string): Promise<Plan> {
  const { rows } = await owner.query("SELECT id, invited_user_id FROM public.core_invites WHERE status = 'pending'");
  const invites = new Map(rows.map(({ id, invited_user_id }) => [String(invited_user_id), String(id)]));
  return (at, round) => {
    const user = somebody(at, round);
    const args = { p_invite: invites.get(user) ?? null, p_key: randomUUID() };
    return { rpc: 'accept_invite', args, answer: 'invite_accepted', user };
  };
}
