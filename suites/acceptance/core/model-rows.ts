/** The model's state as rows of the tables, without times, and who sees which of them by a SELECT. */

import type { CommandOf } from './model-commands.ts';
import { hashOf } from './model-identity.ts';
import {
  type Caller,
  done,
  memberOf,
  type Person,
  policyOf,
  type Reply,
  type Scope,
  type State,
  scopeOf,
  sizeOf,
  unreadOf,
  visibleSeq,
} from './model-state.ts';

export type Row = Readonly<Record<string, unknown>>;
export type Rows = Readonly<Record<string, readonly Row[]>>;

/** Tables, and the columns by which a look names a row. */
export const labels = {
  core_scopes: ['id'],
  core_policies: ['scope_id', 'version'],
  core_events: ['scope_id', 'event_seq'],
  core_outcomes: ['actor_id', 'scope_id', 'command_type', 'event_idempotency_key'],
  core_members: ['scope_id', 'user_id', 'state'],
  core_invites: ['id', 'status'],
  core_projections: ['scope_id', 'user_id'],
  core_projection_watermarks: ['scope_id'],
  core_snapshots: ['scope_id', 'snapshot_seq'],
  core_migrations: ['scope_id', 'kind', 'step'],
  core_admin_actions: ['actor_id', 'scope_id', 'action'],
} as const;
/** `all`: of every table that a member may read, in one look. */
export type Table = keyof typeof labels | 'all';

/** Of operations alone. */
const hidden: ReadonlySet<string> = new Set(['core_snapshots', 'core_migrations', 'core_admin_actions']);

export const readable = (Object.keys(labels) as (keyof typeof labels)[]).filter((table) => !hidden.has(table));

/** Members see what is theirs, actors their outcomes, the service everything, and nobody else anything. */
export function look(state: State, { by, table, column }: CommandOf<'look'>): Reply {
  const isService = by === 'service' || by === 'op1' || by === 'op2';
  // What an event says is told by the timeline alone.
  const isDenied = by === 'anon' || (!isService && (hidden.has(table) || column !== undefined));
  if (isDenied) return { sqlstate: '42501' };
  const all = rowsOf(state);
  const rows = (table === 'all' ? readable : [table]).flatMap((name) =>
    (all[name] ?? [])
      .filter((row) => isService || isSeen(state, by, name, row))
      .map((row) => `${name} ${labels[name].map((column) => row[column] ?? '-').join(' ')}`),
  );
  return done('seen', { rows });
}

function isSeen(state: State, by: Caller, table: Table, row: Row): boolean {
  if (table === 'core_outcomes') return row['actor_id'] === by;
  if (table === 'core_invites') return row['invited_user_id'] === by;
  const scope = scopeOf(state, String(row['scope_id'] ?? row['id']));
  if (!scope || memberOf(scope, by)?.state !== 'joined') return false;
  if (table === 'core_projections') return row['user_id'] === by;
  return table !== 'core_events' || Number(row['event_seq']) <= visibleSeq(scope);
}

export function rowsOf(state: State): Rows {
  const { scopes } = state;
  return {
    core_scopes: scopes.map(scopeRow),
    core_policies: scopes.flatMap(policyRows),
    core_events: scopes.flatMap(eventRows),
    core_members: scopes.flatMap(memberRows),
    core_projections: scopes.flatMap(projectionRows),
    core_projection_watermarks: scopes.map(({ name, watermark, version }) => ({
      ...{ scope_id: name, dialogs_watermark_seq: watermark, unread_watermark_seq: watermark, version },
    })),
    core_snapshots: scopes.flatMap(({ name, snapshots }) =>
      snapshots.map((seq) => ({ scope_id: name, snapshot_seq: seq })),
    ),
    core_migrations: scopes.flatMap(journalRows),
    core_invites: inviteRows(state),
    core_outcomes: state.outcomes.map((one) => ({
      ...{ tier: one.tier, state: one.tier === 'hot' ? 'committed' : 'archived', actor_id: one.actor },
      ...{ scope_id: one.scope, command_type: one.command, event_idempotency_key: one.key },
      ...{ outcome: one.reply, code: one.reply['code'] },
    })),
    core_admin_actions: state.actions.map(({ actor, scope, action, reason }, at, all) => ({
      ...{ actor_id: actor, scope_id: scope, action, reason_code: reason.code, reason_text: reason.text },
      nth: all.slice(0, at + 1).filter((one) => one.scope === scope).length,
    })),
    settings: [{ name: 'dm_self_allowed', value: state.selfAllowed ? 1 : 0 }],
  };
}

function scopeRow(scope: Scope): Row {
  const policy = policyOf(scope);
  return {
    ...{ id: scope.name, scope_type: scope.type, created_by: scope.by, system_mode: scope.mode },
    ...{ visibility: policy.visibility, join_mode: policy.join_mode, delivery_strategy: policy.delivery_strategy },
    ...{ invite_ttl_hours: policy.invite_ttl, data_classification: policy.data_classification_defaults },
    ...{ policy_version: scope.policies.length, policy_hash: hashOf(policy) },
    ...{ dm_user_low: scope.pair?.[0] ?? null, dm_user_high: scope.pair?.[1] ?? null },
    ...{ scope_max_seq: scope.max, member_count: sizeOf(scope), is_large: scope.large },
  };
}

function policyRows({ name, policies }: Scope): readonly Row[] {
  return policies.map((policy, at) => ({
    ...policy,
    ...{ scope_id: name, version: at + 1, policy_hash: hashOf(policy) },
  }));
}

function eventRows({ name, events }: Scope): readonly Row[] {
  return events.map((event) => ({
    ...{ scope_id: name, event_seq: event.seq, actor_id: event.actor, command_type: event.type },
    ...{ event_idempotency_key: event.key, payload: event.payload, payload_hash: hashOf(event.payload) },
    ...{ classification: event.classification, edit_count: event.edits, deleted_by: event.deletedBy },
  }));
}

function memberRows({ name, members }: Scope): readonly Row[] {
  return Object.entries(members).map(([user, member]) => ({
    ...{ scope_id: name, user_id: user, role: member.role, state: member.state, removed_by: member.removedBy },
    ...{ last_read_seq: member.read, last_delivered_seq: member.delivered, missing_from_seq: member.missing },
  }));
}

function projectionRows(scope: Scope): readonly Row[] {
  return Object.entries(scope.projections).map(([user, { last, mode }]) => ({
    ...{ scope_id: scope.name, user_id: user, last_event_seq: last, mode },
    unread_count: unreadOf(scope, user as Person, scope.watermark),
  }));
}

function journalRows({ name, journal }: Scope): readonly Row[] {
  return journal.map(({ kind, step, checkpoint, attempts }) => ({
    ...{ scope_id: name, kind, name: kind === 'migration' ? 'rehash_payloads' : kind, step, checkpoint, attempts },
    ...{ state: step === 'finished' ? 'done' : 'running', in_progress: step !== 'finished' },
  }));
}

function inviteRows(state: State): readonly Row[] {
  return state.invites.map((one) => ({
    policy_hash: hashOf(scopeOf(state, one.scope)?.policies[one.policyVersion - 1]),
    ...{ id: one.name, scope_id: one.scope, invited_user_id: one.user, inviter_id: one.inviter },
    ...{ policy_version: one.policyVersion, status: one.status, approved_by: one.approvedBy },
  }));
}
