/** Events by the rules: appending them, and the reads of them. */

import { log, reasonRefusal } from './model-audit.ts';
import { type CommandOf, eventTypes } from './model-commands.ts';
import { actorOf, jsonOf, normalized, once, outcomeOf } from './model-identity.ts';
import { memberRefusal, ranks, writeRefusal } from './model-membership.ts';
import {
  type Caller,
  done,
  type LoggedEvent,
  type Member,
  memberOf,
  type Person,
  policyOf,
  type Reply,
  refused,
  type Scope,
  type State,
  scopeOf,
  unreadOf,
  visibleSeq,
} from './model-state.ts';

type Append = CommandOf<'append'>;

export function append(state: State, command: Append): Reply {
  const refusal = argumentsRefusal(command);
  if (refusal || typeof command.payload === 'string') return refusal ?? refused('payload_invalid');
  const payload = jsonOf(command.payload);
  return once(state, { ...command, command: command.type, payload }, () => {
    const scope = scopeOf(state, command.scope);
    const member = memberOf(scope, command.by);
    const no = memberRefusal(member) ?? writeRefusal(scope) ?? clockRefusal(command);
    if (no || !scope || !member) return no ?? refused('scope_not_found');
    return targetRefusal(scope, member, command) ?? written(state, scope, command, payload);
  });
}

/** What can be refused before anything is known about the caller. */
function argumentsRefusal({ type, payload, clock, trace }: Append): Reply | null {
  if (type === 'batch') return refused('not_supported');
  if (!(eventTypes as readonly string[]).includes(type)) return refused('command_type_invalid');
  if (payload === 'null' || payload === 'list') return refused('payload_invalid');
  if (payload === 'huge') return refused('payload_too_large');
  if (typeof clock === 'string') return refused('client_ts_invalid');
  return trace === 'long' ? refused('argument_too_long', { characters: 128 }) : null;
}

/** 300,000 ms either way. */
function clockRefusal({ clock }: Append): Reply | null {
  const skew = Number(clock);
  return Math.abs(skew) > 300 ? refused('clock_skew', { skew_hint: skew > 0 ? 'ahead' : 'behind' }) : null;
}

/** An author edits and deletes; a moderator, or who stands above one, deletes with a reason; all react. */
function targetRefusal(scope: Scope, member: Member, { by, type, payload }: Append): Reply | null {
  if (type === 'message_send' || typeof payload === 'string') return null;
  const target = scope.events.find(({ seq, type: of }) => seq === payload.target && of === 'message_send');
  if (!target || target.deletedBy !== null) return refused('target_not_found');
  if (type.startsWith('reaction') || target.actor === by) return null;
  if (type === 'message_edit' || ranks[member.role] < ranks.moderator) return refused('not_permitted');
  return payload.reason === undefined ? refused('reason_code_invalid') : reasonRefusal(payload.reason);
}

function written(state: State, scope: Scope, command: Append, payload: LoggedEvent['payload']): Reply {
  const actor = command.by as Person;
  scope.max += 1;
  const seq = scope.max;
  if (typeof command.payload === 'object') mark(state, scope, command, command.payload.target);
  scope.events.push({
    ...{ seq, actor, type: command.type, key: normalized(command.key) as string, payload, edits: 0 },
    ...{ classification: classificationOf(scope), deletedBy: null, age: 0 },
  });
  // Who fans out on read writes to nobody; what is being rebuilt catches up by itself.
  if (policyOf(scope).delivery_strategy === 'fanout_on_write') {
    for (const projection of Object.values(scope.projections)) if (projection.mode === 'normal') projection.last = seq;
    if (scope.watermark === seq - 1) scope.watermark = seq;
  }
  return done('event_appended', { event_seq: seq, scope_max_seq: seq });
}

function mark(state: State, scope: Scope, { by, type, payload }: Append, seq: number | undefined): void {
  const target = scope.events.find((event) => event.seq === seq);
  if (!target || typeof payload === 'string') return;
  if (type === 'message_edit') target.edits += 1;
  if (type !== 'message_delete') return;
  target.deletedBy = by as Person;
  if (target.actor === by || payload.reason === undefined) return;
  log(state, by, scope.name, 'delete_message', payload.reason);
}

const classificationOf = (scope: Scope) =>
  policyOf(scope).data_classification_defaults as LoggedEvent['classification'];

export function timeline(state: State, { by, scope: name, after, limit, lookback }: CommandOf<'timeline'>): Reply {
  if (actorOf(by) === null) return refused('unauthenticated');
  if (limit !== null && limit > 200) return refused('limit_exceeded', { limit: 200 });
  if (lookback !== null && lookback > 30) return refused('lookback_exceeded', { lookback_days: 30 });
  if ((limit ?? 1) < 1 || (lookback ?? 1) < 1) return refused('limit_invalid');
  const scope = scopeOf(state, name);
  const no = memberRefusal(memberOf(scope, by));
  if (no || !scope) return no ?? refused('scope_not_found');
  if (scope.mode === 'maintenance_full') return refused('scope_unavailable', { system_mode: scope.mode });
  const to = visibleSeq(scope);
  const events = scope.events
    .filter(({ seq, age }) => seq > (after ?? 0) && seq <= to && age < (lookback ?? 30))
    .slice(0, limit ?? 200);
  const last = events.at(-1)?.seq ?? to;
  return done('timeline', {
    events: events.map((event) => told(scope, event)),
    scope_max_seq: to,
    has_more: last < to,
  });
}

/** What was deleted says nothing any more; what a message was edited to is told while the message is there. */
function told(scope: Scope, event: LoggedEvent): Reply {
  const edited = event.type === 'message_edit' ? event.payload['target_seq'] : null;
  const target = scope.events.find(({ seq }) => seq === edited);
  const isGone = event.deletedBy !== null || (edited !== null && target?.deletedBy !== null);
  return {
    event_seq: event.seq,
    actor_id: event.actor,
    command_type: event.type,
    payload: isGone ? null : event.payload,
    classification: event.classification,
    edit_count: event.edits,
    deleted_by: event.deletedBy,
  };
}

export function dialogs(state: State, { by, scopes, many = 0 }: CommandOf<'dialogs'>): Reply {
  if (actorOf(by) === null) return refused('unauthenticated');
  if (scopes.length + many > 200) return refused('limit_exceeded', { limit: 200 });
  const found = state.scopes.filter(
    (scope) =>
      scopes.includes(scope.name) && memberOf(scope, by)?.state === 'joined' && scope.mode !== 'maintenance_full',
  );
  return done('dialogs', { dialogs: found.map((scope) => dialog(scope, by)) });
}

/** As the projection says where it holds; else the log is asked. */
function dialog(scope: Scope, by: Caller): Reply {
  const member = memberOf(scope, by);
  const projection = scope.projections[by as Person];
  const to = visibleSeq(scope);
  const holds = policyOf(scope).delivery_strategy === 'fanout_on_write' && projection?.mode === 'normal';
  return {
    scope_id: scope.name,
    scope_type: scope.type,
    system_mode: scope.mode,
    role: member?.role,
    last_read_seq: member?.read,
    last_delivered_seq: member?.delivered,
    scope_max_seq: to,
    last_event_seq: holds ? projection?.last : to,
    unread_count: unreadOf(scope, by as Person, holds ? scope.watermark : to),
    mode: scope.mode === 'read_only_safe' ? 'read_only' : projection?.mode,
  };
}

export function status(state: State, { by, scope, command, key }: CommandOf<'status'>): Reply {
  const actor = actorOf(by);
  if (actor === null) return refused('unauthenticated');
  const name = normalized(key);
  if (name === null) return refused('invalid_key');
  const found = outcomeOf(state, { actor, scope, command, key: name });
  if (found?.tier !== 'hot' && !state.archive) return refused('archive_unavailable');
  if (!found) return refused('outcome_not_found');
  const { tier, reply } = found;
  return done('outcome_found', { tier, state: tier === 'hot' ? 'committed' : 'archived', outcome: reply });
}
