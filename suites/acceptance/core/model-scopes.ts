/** Scopes and their policies by the rules: making them, and changing what is in force. */

import { log, reasonRefusal } from './model-audit.ts';
import type { CommandOf } from './model-commands.ts';
import { hashOf, nameBy, once } from './model-identity.ts';
import { bringIn, large, writeRefusal } from './model-membership.ts';
import {
  done,
  type Person,
  type Policy,
  people,
  policyOf,
  type Reply,
  refused,
  type Scope,
  type State,
  scopeOf,
  sizeOf,
} from './model-state.ts';

const joinModes: { readonly [visibility: string]: readonly (string | null)[] } = {
  public: ['open', 'approval'],
  unlisted: ['open', 'approval', 'invite_only'],
  private: ['approval', 'invite_only'],
};
const dmPolicy: Policy = {
  ...{ visibility: 'private', join_mode: 'invite_only', delivery_strategy: 'fanout_on_write' },
  ...{ approval_roles: [], approval_quorum: 1, self_join_enabled: false, invite_ttl: 168 },
  data_classification_defaults: 'normal',
};

export function createScope(state: State, command: CommandOf<'createScope'>): Reply {
  const { by, type } = command;
  // Roles are a set: a creator names them in any order.
  const policy = { ...command.policy, approval_roles: [...new Set(command.policy.approval_roles)].sort() };
  return once(state, { ...command, scope: null, command: 'create_scope', payload: { type, policy } }, () => {
    if (!['group', 'channel', 'service'].includes(type)) return refused('scope_type_invalid');
    const no = policyRefusal(type, false, policy);
    if (no) return no;
    const made = opened(state, nameBy('s', command.key), type, policy, [by as Person]);
    return done('scope_created', { scope_id: made.name, policy_version: 1, policy_hash: hashOf(policy) });
  });
}

/** One scope of an unordered pair. Without a key the pair is what makes the call repeatable. */
export function directMessage(state: State, command: CommandOf<'dm'>): Reply {
  const { by, other, key } = command;
  const effect = () => {
    if (other === 'noone') return refused('user_not_found');
    if (by === other && !state.selfAllowed) return refused('dm_self_not_allowed');
    const pair = people.filter((one) => one === by || one === other);
    const [low, high = low] = pair;
    const found = state.scopes.find((scope) => scope.pair?.[0] === low && scope.pair?.[1] === high);
    const scope = found ?? opened(state, `s-${low}-${high}`, 'dm', dmPolicy, pair);
    if (!found) Object.assign(scope, { pair: [low, high], by });
    const reply = done(found ? 'dm_exists' : 'dm_created', { scope_id: scope.name });
    return key === null ? { told: reply } : reply;
  };
  const known = key ?? 'k0';
  return once(state, { by, do: 'dm', key: known, scope: null, command: 'create_dm', payload: { other } }, effect);
}

function opened(state: State, name: string, type: string, policy: Policy, owners: readonly Person[]): Scope {
  const scope: Scope = {
    ...{ name, type, policies: [policy], mode: 'normal', max: 0, crowd: 0 },
    ...{
      large: false,
      by: owners[0] as Person,
      pair: null,
      members: {},
      projections: {},
      events: [],
      watermark: 0,
      version: 1,
    },
    ...{ snapshots: [], journal: [] },
  };
  state.scopes.push(scope);
  for (const owner of owners) bringIn(state, scope, owner, 'owner');
  return scope;
}

/** Whether a scope of this type and size may have this policy. */
function policyRefusal(type: string, isLarge: boolean, policy: Policy): Reply | null {
  if (!isWellFormed(policy)) return refused('policy_value_invalid');
  const { visibility, join_mode } = policy;
  const goes =
    type === 'dm'
      ? visibility === 'private' && join_mode === 'invite_only'
      : joinModes[visibility ?? '']?.includes(join_mode);
  if (!goes) return refused('policy_combination_invalid');
  if (visibility === 'private' && policy.invite_ttl === null) return refused('invite_ttl_required');
  if (isLarge && policy.delivery_strategy !== 'fanout_on_read') return refused('fanout_on_read_required');
  return null;
}

function isWellFormed(policy: Policy): boolean {
  const { approval_quorum: quorum, invite_ttl: ttl } = policy;
  const within = (value: number | null, most: number) => value !== null && value >= 1 && value <= most;
  return (
    ['public', 'private', 'unlisted'].includes(policy.visibility ?? '') &&
    ['open', 'approval', 'invite_only'].includes(policy.join_mode ?? '') &&
    ['fanout_on_write', 'fanout_on_read'].includes(policy.delivery_strategy ?? '') &&
    ['normal', 'sensitive', 'regulated'].includes(policy.data_classification_defaults ?? '') &&
    policy.approval_roles.every((role) => ['owner', 'admin', 'moderator', 'member'].includes(role)) &&
    within(quorum, 10) &&
    (ttl === null || within(ttl, 8760))
  );
}

export function updatePolicy(state: State, command: CommandOf<'policy'>): Reply {
  const { by, policy, as, reason } = command;
  return once(state, { ...command, command: 'update_policy', payload: { policy, as } }, () => {
    const scope = scopeOf(state, command.scope);
    const no = reasonRefusal(reason) ?? (scope ? null : refused('scope_not_found'));
    if (no || !scope) return no ?? refused('scope_not_found');
    if (as === 'seven' || as === 'nine') return refused('policy_fields_invalid');
    const unfit = policyRefusal(scope.type, scope.large, policy);
    if (unfit) return unfit;
    if (as === 'wrongHash') return refused('policy_hash_mismatch');
    const untimely = transitionRefusal(scope, policy);
    if (untimely) return untimely;
    enforce(state, scope, policy);
    log(state, by, scope.name, 'update_policy', reason);
    return done('policy_updated', { policy_version: scope.policies.length, policy_hash: hashOf(policy) });
  });
}

/** Visibility moves step by step; back from public to private, and to another delivery, in a freeze alone. */
function transitionRefusal(scope: Scope, policy: Policy): Reply | null {
  const now = policyOf(scope);
  if (now.visibility === 'private' && policy.visibility === 'public') return refused('visibility_transition_invalid');
  if (isReindexed(now, policy) && scope.mode !== 'maintenance_write_freeze') return refused('freeze_required');
  return scope.mode === 'maintenance_write_freeze' ? null : writeRefusal(scope);
}

function isReindexed(now: Policy, policy: Policy): boolean {
  const closes = now.visibility === 'public' && policy.visibility === 'private';
  return closes || now.delivery_strategy !== policy.delivery_strategy;
}

/** Invitations under the old version are void, and what changes the projections has them rebuilt. */
function enforce(state: State, scope: Scope, policy: Policy): void {
  if (isReindexed(policyOf(scope), policy))
    for (const projection of Object.values(scope.projections)) projection.mode = 'rebuilding';
  scope.policies.push(policy);
  for (const invite of state.invites)
    if (invite.scope === scope.name && invite.status === 'pending') invite.status = 'revoked';
}

export function markLarge(state: State, command: CommandOf<'large'>): Reply {
  const { by, large: isLarge, reason } = command;
  return once(state, { ...command, command: 'mark_large', payload: { isLarge } }, () => {
    const scope = scopeOf(state, command.scope);
    const no = reasonRefusal(reason);
    if (no || !scope) return no ?? refused('scope_not_found');
    if (scope.type !== 'channel' || isLarge === null) return refused('not_applicable');
    if (isLarge && policyOf(scope).delivery_strategy !== 'fanout_on_read') return refused('fanout_on_read_required');
    if (!isLarge && sizeOf(scope) >= large) return refused('not_applicable');
    scope.large = isLarge;
    log(state, by, scope.name, 'mark_large', reason);
    return done('marked', { is_large: isLarge });
  });
}
