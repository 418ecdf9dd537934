/** What every command is refused by before its own rules are asked: each refusal brought about around a call that would succeed. */

import { noSub } from '../../../fixtures/act/personas.ts';
import { call, key, type Reply, type Row, type Scene, settle } from './scene.ts';
import type { Arguments } from './statements.ts';
import type { Call, Success } from './successes.ts';
import { byOperations } from './successes-operations.ts';
import { byUsers } from './successes-users.ts';

/** Brings a refusal about and asks; whatever it changes for that, it puts back. */
type Ask = (scene: Scene, rpc: string, call: Call) => Promise<Reply>;

/** Of a call that has not been made yet. Users alone can be without a name. */
const beforehand = {
  unauthenticated: (scene, rpc, { args }) => call(scene, noSub(), rpc, args),
  invalid_key: (scene, rpc, { persona, args }) => call(scene, persona, rpc, { ...args, p_key: 'anything' }),
  rate_limited: async (scene, rpc, { persona, args }) => {
    await settle(scene, { command_actor: 0, command_service: 0 });
    const reply = await call(scene, persona, rpc, args);
    await settle(scene, { command_actor: 200, command_service: 2000 });
    return reply;
  },
  rate_limit_unavailable: async (scene, rpc, { persona, args }) => {
    await using holder = await scene.db.connectAsOwner();
    await holder.script('BEGIN; LOCK TABLE public.core_rate_limits IN ACCESS EXCLUSIVE MODE');
    return await call(scene, persona, rpc, args);
  },
  archive_unavailable: async (scene, rpc, { persona, args }) => {
    await scene.owner.query("UPDATE core.breakers SET open_until = 'infinity'");
    const reply = await call(scene, persona, rpc, args);
    await scene.owner.query("UPDATE core.breakers SET open_until = '-infinity'");
    return reply;
  },
} satisfies Readonly<Record<string, Ask>>;

/** Of a call that has been made and is made again. */
const afterwards = {
  payload_hash_mismatch: (scene, rpc, { persona, args, other }) => call(scene, persona, rpc, { ...args, ...other }),
  outcome_archived_check_required: async (scene, rpc, { persona, args }) => {
    await tiered(scene, args, { tier: 'archive', state: 'archived', archived_at: 'now' });
    const reply = await call(scene, persona, rpc, args);
    await tiered(scene, args, { tier: 'hot', state: 'committed', archived_at: null });
    return reply;
  },
} satisfies Readonly<Record<string, Ask>>;

/** Moves the call's outcome between the tiers, past the guard that keeps it. */
async function tiered(scene: Scene, args: Arguments, to: Row): Promise<void> {
  await scene.owner.script('SET session_replication_role = replica');
  await scene.owner.query(
    `UPDATE public.core_outcomes AS stored SET (tier, state, archived_at) = (moved.tier, moved.state, moved.archived_at)
     FROM jsonb_to_record($2) AS moved (tier text, state text, archived_at timestamptz) WHERE stored.event_idempotency_key = $1`,
    [args['p_key'], JSON.stringify(to)],
  );
  await scene.owner.script('RESET session_replication_role');
}

/** A call that succeeds once, and what refuses it before and after that. */
export interface Command extends Success {
  readonly before: Readonly<Record<string, Ask>>;
  readonly after: Readonly<Record<string, Ask>>;
}

const { unauthenticated: _, ...ofAnybody } = beforehand;

/** One for each command. */
export const commands: readonly Command[] = [
  ...firstOfEach(byUsers).map((one) => ({ ...one, before: beforehand, after: afterwards })),
  ...firstOfEach(byOperations).map((one) => ({ ...one, before: ofAnybody, after: afterwards })),
];

/** What changes something is a command; its first success stands for it. */
function firstOfEach(rows: readonly Success[]): readonly Success[] {
  return rows.filter(({ rpc, changes }, at) => changes && rows.findIndex((one) => one.rpc === rpc) === at);
}

/** A refusal that depends on a state which no other call should meet. */
interface Hindered extends Success {
  readonly refusal: string;
  readonly ask: Ask;
  /** What the refusal says beside its code, and the tables that it changes all the same. */
  readonly details?: Row;
  readonly leaves?: readonly string[];
}

/** Calls that would succeed, and what refuses them for a while. */
export const hindered: readonly Hindered[] = [
  {
    ...successOf('core_query_timeline_v1', 'timeline'),
    refusal: 'rate_limited',
    ask: async (scene, rpc, { persona, args }) => {
      await settle(scene, { timeline_scope: 0 });
      const reply = await call(scene, persona, rpc, args);
      await settle(scene, { timeline_scope: 100 });
      return reply;
    },
  },
  {
    ...successOf('core_command_status_v1', 'outcome_found'),
    refusal: 'archive_unavailable',
    // The hot tier answers by itself: what is asked for must not be in it.
    ask: (scene, rpc, { persona, args }) =>
      beforehand.archive_unavailable(scene, rpc, { persona, args: { ...args, p_key: key() } }),
  },
  {
    ...successOf('core_migration_step_v1', 'migration_applied'),
    refusal: 'migration_step_failed',
    details: { step: 'apply', checkpoint: 0, sqlstate: '55P03' },
    leaves: ['public.core_migrations'],
    ask: async (scene, rpc, { persona, args }) => {
      await using holder = await scene.db.connectAsOwner();
      await holder.script('BEGIN; SELECT 1 FROM public.core_events WHERE event_seq = 2 FOR UPDATE');
      await scene.caller.script("SET lock_timeout = '50ms'");
      const reply = await call(scene, persona, rpc, { ...args, p_key: key() });
      await scene.caller.script('RESET lock_timeout');
      return reply;
    },
  },
];

function successOf(rpc: string, code: string): Success {
  const found = [...byUsers, ...byOperations].find((one) => one.rpc === rpc && one.code === code);
  if (!found) throw new RangeError(`${rpc} has no success ${code} to hinder`);
  return found;
}
