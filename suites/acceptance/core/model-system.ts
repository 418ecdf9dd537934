/** The database behind the reference model: the model's commands as SQL, and replies in the model's names. */

import { anon, noSub, service, signedIn } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { ident, literal, qualified } from '../../../fixtures/wire/escape.ts';
import { type Called, type CommandOf, type Happening, reasons } from './model-commands.ts';
import { hashOf, jsonOf } from './model-identity.ts';
import type { Names } from './model-names.ts';
import { labels, readable } from './model-rows.ts';
import type { Caller, Policy, Reply } from './model-state.ts';
import { operator, users } from './scene.ts';
import { type Arguments, callOf } from './statements.ts';

export const operators = {
  op1: 'eeeeeeee-0000-4000-8000-000000000001',
  op2: 'eeeeeeee-0000-4000-8000-000000000002',
} as const;

const personas: { readonly [caller in Caller]: Persona } = {
  ann: signedIn(users.ann, 'ann'),
  bob: signedIn(users.bob, 'bob'),
  cat: signedIn(users.cat, 'cat'),
  dan: signedIn(users.dan, 'dan'),
  nobody: noSub(),
  anon: anon(),
  service: service(),
  op1: operator(operators.op1),
  op2: operator(operators.op2),
};

/** One call as its caller would send it. */
export function probeOf(command: Called, names: Names): Probe {
  return { persona: personas[command.by], sql: sqlOf(command, names) };
}

function sqlOf(command: Called, names: Names): string {
  if (command.do === 'look') return lookOf(command);
  const [routine, args] = argumentsOf(command, names);
  const keyed = 'key' in command && command.do !== 'status' ? { p_key: names.key(command.key) } : {};
  const reason =
    'reason' in command
      ? { p_reason_code: reasons[command.reason].code, p_reason_text: reasons[command.reason].text }
      : {};
  return callOf(`core_${routine}_v1`, { ...args, ...keyed, ...reason });
}

/** A row is named by its table and its label; a further column is read and not shown. */
function lookOf({ table, column }: CommandOf<'look'>): string {
  const looks = (table === 'all' ? readable : [table]).map((name) => {
    const parts = labels[name].map((part) => `coalesce(${ident(part)}::text, '-')`);
    const read = column === undefined ? '' : ` || left(${ident(column)}::text, 0)`;
    return `SELECT concat_ws(' ', ${literal(name)}, ${parts.join(', ')})${read} AS label FROM ${qualified('public', name)}`;
  });
  return `SELECT jsonb_build_object('ok', true, 'code', 'seen', 'rows', coalesce(jsonb_agg(seen.label), '[]')) FROM (${looks.join(' UNION ALL ')}) AS seen`;
}

function argumentsOf(command: Exclude<Called, { do: 'look' }>, names: Names): readonly [string, Arguments] {
  const scope = 'scope' in command && command.scope !== null ? { p_scope: names.id(command.scope) } : { p_scope: null };
  switch (command.do) {
    case 'createScope':
      return ['create_scope', { p_scope_type: command.type, ...createdWith(command.policy) }];
    case 'dm':
      return ['create_or_get_dm', { p_other_user: names.id(command.other) }];
    case 'append':
      return ['append_event', { ...scope, ...sent(command) }];
    case 'timeline':
      return [
        'query_timeline',
        { ...scope, p_after_seq: command.after, p_limit: command.limit, p_lookback_days: command.lookback },
      ];
    case 'dialogs': {
      const ids = [...command.scopes, ...Array<string>(command.many ?? 0).fill('noScope')].map(names.id);
      return ['get_dialog_metadata', { p_scopes: `{${ids.join(',')}}` }];
    }
    case 'status':
      return ['command_status', { ...scope, p_command_type: command.command, p_key: names.key(command.key) }];
    case 'invite':
      return ['invite', { ...scope, p_user: names.id(command.user) }];
    case 'accept':
    case 'reject':
      return [`${command.do}_invite`, { p_invite: names.id(command.invite) }];
    case 'member': {
      const { user, action, role } = command;
      return ['change_membership', { ...scope, p_user: names.id(user), p_action: action, p_role: role }];
    }
    case 'ack':
      return ['ack', { ...scope, p_delivered_seq: command.delivered, p_read_seq: command.read }];
    case 'missing':
      return [
        'report_missing',
        { ...scope, p_ranges: command.ranges === null ? null : JSON.stringify(command.ranges) },
      ];
    default:
      return operationOf(command, scope);
  }
}

type Operation = CommandOf<
  | ('policy' | 'large' | 'mode' | 'approve' | 'rebuild' | 'purge')
  | ('migrate' | 'expire' | 'archive' | 'purgeRates' | 'setting')
>;

function operationOf(command: Operation, scope: Arguments): readonly [string, Arguments] {
  switch (command.do) {
    case 'policy':
      return ['update_policy', { ...scope, ...proposed(command) }];
    case 'large':
      return ['mark_large', { ...scope, p_is_large: command.large }];
    case 'mode':
      return ['set_maintenance', { ...scope, p_mode: command.mode }];
    case 'approve':
      return ['approve_maintenance', { ...scope, p_mode: command.mode }];
    case 'rebuild':
      return ['rebuild_projection', { ...scope, p_batch: command.batch }];
    case 'purge':
      return ['purge_retention', { ...scope, p_batch: command.batch }];
    case 'migrate':
      return ['migration_step', { ...scope, p_migration: command.migration, p_batch: command.batch }];
    case 'expire':
      return ['expire_invites', { p_batch: command.batch }];
    case 'archive':
      return ['archive_outcomes', { p_batch: command.batch }];
    case 'purgeRates':
      return ['purge_rate_limits', { p_batch: command.batch }];
    case 'setting':
      return ['set_setting', { p_name: command.name, p_value: command.value }];
  }
}

function createdWith(policy: Policy): Arguments {
  return {
    ...{ p_visibility: policy.visibility, p_join_mode: policy.join_mode, p_invite_ttl_hours: policy.invite_ttl },
    ...{ p_delivery_strategy: policy.delivery_strategy, p_data_classification: policy.data_classification_defaults },
    ...{ p_approval_roles: `{${policy.approval_roles.join(',')}}`, p_approval_quorum: policy.approval_quorum },
    p_self_join_enabled: policy.self_join_enabled,
  };
}

/** The policy as it is sent, and the hash that goes with it. */
function proposed({ policy, as }: CommandOf<'policy'>): Arguments {
  const { invite_ttl: _, ...seven } = policy;
  const sentAs = as === 'nine' ? { ...policy, ninth: 9 } : as === 'seven' ? seven : { ...policy };
  return { p_policy: sentAs, p_policy_hash: as === 'wrongHash' ? hashOf('another') : hashOf(policy) };
}

function sent({ type, payload, reworded = false, clock, trace }: CommandOf<'append'>): Arguments {
  const time = typeof clock === 'number' ? new Date(Date.now() + clock * 1000).toISOString() : null;
  return {
    p_command_type: type,
    p_payload: textOf(payload, reworded),
    p_client_ts: clock === 'infinity' ? clock : time,
    ...(trace === undefined ? {} : { p_trace_id: 'x'.repeat(129) }),
  };
}

function textOf(payload: CommandOf<'append'>['payload'], reworded: boolean): string | null {
  if (payload === 'null') return null;
  if (payload === 'list') return '["no object"]';
  if (payload === 'huge') return JSON.stringify({ body: Array.from({ length: 20_000 }, (_, n) => n) });
  const fields = Object.entries(jsonOf(payload));
  if (!reworded) return JSON.stringify(Object.fromEntries(fields));
  return JSON.stringify(Object.fromEntries(fields.toReversed())).replace('"n":1', '"n": 1.0');
}

/** What moves rows of the database, as its owner; past the guards, which know no such leaps. */
export function happeningOf(command: Happening, names: Names): string {
  switch (command.do) {
    case 'hourPasses':
      return "UPDATE public.core_admin_actions SET created_at = created_at - interval '61 minutes'";
    case 'invitesRunOut':
      return "UPDATE public.core_invites SET expires_at = least(expires_at, clock_timestamp()) - interval '1 second' WHERE status = 'pending'";
    case 'yearsPass':
      return "UPDATE public.core_outcomes SET created_at = created_at - interval '731 days' WHERE tier = 'hot'";
    case 'archiveStops':
    case 'archiveAnswers': {
      const until = command.do === 'archiveStops' ? 'infinity' : '-infinity';
      return `UPDATE core.breakers SET open_until = ${literal(until)} WHERE name = 'archive'`;
    }
    case 'daysPass':
      return `SET session_replication_role = replica;
        UPDATE public.core_events SET server_time = server_time - interval '${command.days} days' WHERE scope_id = ${literal(names.id(command.scope))};
        RESET session_replication_role`;
    case 'crowdComes':
      return `UPDATE public.core_scopes SET member_count = ${command.size} WHERE id = ${literal(names.id(command.scope))}`;
  }
}

/** What came back, in the model's names and without times. */
export function told({ error, rows }: Observation, names: Names): Reply {
  if (error) return { sqlstate: error.sqlstate };
  return names.named(rows[0]?.[0] ?? 'null') as Reply;
}
