/** Who comes in and who goes, by the rules: invitations, requests, roles, removal. */

import { log, reasonRefusal } from './model-audit.ts';
import type { CommandOf } from './model-commands.ts';
import { type Effect, hashOf, nameBy, once } from './model-identity.ts';
import {
  done,
  type Invite,
  type Key,
  type Member,
  memberOf,
  type Person,
  people,
  policyOf,
  type Reply,
  type Role,
  refused,
  type Scope,
  type State,
  scopeOf,
  sizeOf,
} from './model-state.ts';

type Change = CommandOf<'member'>;

export const ranks: { readonly [role in Role]: number } = { member: 1, moderator: 2, admin: 3, owner: 4 };
export const large = 50_000;

/** A stranger learns nothing, who was removed learns that much. */
export function memberRefusal(member: Member | undefined): Reply | null {
  if (member?.state === 'joined') return null;
  return refused(member?.state === 'removed' ? 'membership_revoked' : 'scope_not_found');
}

export function writeRefusal(scope: Scope | undefined): Reply | null {
  if (!scope || scope.mode === 'normal') return null;
  return refused('scope_read_only', { system_mode: scope.mode });
}

/** A channel grows large only where it is delivered on read. */
function joinRefusal(scope: Scope): Reply | null {
  const grows = scope.type === 'channel' && sizeOf(scope) + 1 >= large;
  return grows && policyOf(scope).delivery_strategy !== 'fanout_on_read' ? refused('fanout_on_read_required') : null;
}

/** Brings somebody in; what was said before counts as read. */
export function bringIn(state: State, scope: Scope, person: Person, role: Role): void {
  const pending = pendingOf(state, scope, person);
  if (pending) pending.status = 'accepted';
  scope.members[person] = {
    ...{ role, state: 'joined', read: scope.max, delivered: scope.max, missing: null, removedBy: null },
  };
  const rebuilding = Object.values(scope.projections).some(({ mode }) => mode === 'rebuilding');
  scope.projections[person] = { last: scope.max, mode: rebuilding ? 'rebuilding' : 'normal' };
  if (scope.type === 'channel' && sizeOf(scope) >= large) scope.large = true;
}

export function pendingOf(state: State, scope: Scope, user: string): Invite | undefined {
  return state.invites.find((one) => one.scope === scope.name && one.user === user && one.status === 'pending');
}

/** A pending invitation under the policy in force; undefined: there is one whose time is not over. */
function issued(state: State, scope: Scope, user: Person, inviter: Person, key: Key): Invite | undefined {
  const pending = pendingOf(state, scope, user);
  if (pending && !pending.overdue) return undefined;
  if (pending) pending.status = 'expired';
  const made: Invite = {
    ...{ name: nameBy('i', key), scope: scope.name, user, inviter, status: 'pending' },
    ...{ policyVersion: scope.policies.length, approvedBy: [], overdue: false },
  };
  state.invites.push(made);
  return made;
}

export function invite(state: State, command: CommandOf<'invite'>): Reply {
  const { by, user } = command;
  return once(state, { ...command, command: 'invite', payload: { user } }, () => {
    const scope = scopeOf(state, command.scope);
    const member = memberOf(scope, by);
    const no = memberRefusal(member) ?? writeRefusal(scope);
    if (no || !scope || !member) return no ?? refused('scope_not_found');
    if (ranks[member.role] < ranks.moderator) return refused('not_permitted');
    const { visibility, join_mode } = policyOf(scope);
    if (scope.type === 'dm' || (visibility === 'public' && join_mode === 'open'))
      return refused('invite_not_applicable');
    if (user === 'noone') return refused('user_not_found');
    if (scope.members[user]?.state === 'joined') return refused('already_member');
    const made = issued(state, scope, user, by as Person, command.key);
    if (!made) return refused('invite_pending');
    const fresh: Member = { role: 'member', state: 'invited', read: 0, delivered: 0, missing: null, removedBy: null };
    scope.members[user] = fresh;
    return done('invite_issued', {
      ...{ invite_id: made.name, policy_version: made.policyVersion, policy_hash: hashOf(policyOf(scope)) },
    });
  });
}

export function answer(state: State, command: CommandOf<'accept' | 'reject'>): Reply {
  const { by } = command;
  const found = state.invites.find(({ name, user }) => name === command.invite && user === by);
  const identity = {
    ...command,
    command: `${command.do}_invite`,
    payload: command.invite,
    scope: found?.scope ?? null,
  };
  return once(state, identity, () => {
    const scope = scopeOf(state, found?.scope ?? '');
    if (!found || !scope) return refused('invite_not_found');
    const no = answerRefusal(scope, found) ?? (command.do === 'accept' ? joinRefusal(scope) : null);
    if (no) return no;
    if (command.do === 'accept') bringIn(state, scope, by as Person, 'member');
    found.status = command.do === 'accept' ? 'accepted' : 'rejected';
    return done(`invite_${found.status}`, { scope_id: scope.name });
  });
}

function answerRefusal(scope: Scope, found: Invite): Effect | null {
  const state = scope.members[found.user]?.state;
  if (state === 'removed') return refused('membership_revoked');
  if (found.status === 'accepted')
    // What it gave has been taken back since: a newer invitation is to be answered.
    return state === 'joined'
      ? { told: done('already_member', { scope_id: scope.name }) }
      : refused('membership_revoked');
  if (found.status === 'expired' || (found.status === 'pending' && found.overdue)) return refused('invite_expired');
  if (found.status !== 'pending') return refused(`invite_${found.status}`);
  if (found.policyVersion !== scope.policies.length) return refused('invite_policy_changed');
  if (found.inviter === found.user) return refused('approval_pending');
  return writeRefusal(scope);
}

export function membership(state: State, command: Change): Reply {
  const { by, user, action, role, reason } = command;
  return once(state, { ...command, command: 'change_membership', payload: { user, action, role, reason } }, () => {
    const toOthers = action === 'remove' || action === 'set_role';
    const scope = scopeOf(state, command.scope);
    const no = (toOthers ? reasonRefusal(reason) : null) ?? accessRefusal(scope, command);
    if (no || !scope) return no ?? refused('scope_not_found');
    const reply = change(state, scope, command);
    if (toOthers && reply['ok'] === true) log(state, by, scope.name, `${action}_member`, reason);
    return reply;
  });
}

/** For oneself alone: join, request, leave. All else is for members; who is outside sees what is not private. */
function accessRefusal(scope: Scope | undefined, { by, user, action }: Change): Reply | null {
  const comesIn = action === 'join' || action === 'request';
  if ((comesIn || action === 'leave') && user !== by) return refused('not_permitted');
  const member = memberOf(scope, by);
  const isThere = scope !== undefined && policyOf(scope).visibility !== 'private';
  if (!comesIn || !isThere) return memberRefusal(member) ?? writeRefusal(scope);
  return writeRefusal(scope);
}

function change(state: State, scope: Scope, command: Change): Reply {
  const { by, user, action, role } = command;
  switch (action) {
    case 'join':
    case 'request':
      return comeIn(state, scope, by as Person, action, command.key);
    case 'approve':
      return approveJoin(state, scope, by as Person, user);
    case 'leave':
    case 'remove':
      return remove(state, scope, by as Person, user);
    case 'set_role':
      return setRole(scope, by as Person, user, role);
    default:
      return refused('action_invalid');
  }
}

function comeIn(state: State, scope: Scope, by: Person, action: 'join' | 'request', key: Key): Reply {
  const member = scope.members[by];
  if (member?.state === 'joined') return refused('already_member');
  if (member?.state === 'removed' && member.removedBy !== by) return refused('membership_revoked');
  const { join_mode, self_join_enabled } = policyOf(scope);
  if (action === 'request') {
    if (join_mode !== 'approval') return refused('approval_not_applicable');
    const made = issued(state, scope, by, by, key);
    return made ? done('approval_requested', { invite_id: made.name }) : refused('invite_pending');
  }
  if (join_mode !== 'open' || !self_join_enabled) return refused('join_not_open');
  const no = joinRefusal(scope);
  if (no) return no;
  bringIn(state, scope, by, 'member');
  return done('joined');
}

/** The quorum's last approval lets the person in. */
function approveJoin(state: State, scope: Scope, by: Person, user: string): Reply {
  const { approval_roles, approval_quorum } = policyOf(scope);
  if (!approval_roles.includes(scope.members[by]?.role ?? '')) return refused('not_permitted');
  const no = joinRefusal(scope);
  if (no) return no;
  const request = pendingOf(state, scope, user);
  if (!request || request.overdue || request.inviter !== request.user) return refused('invite_not_found');
  request.approvedBy = people.filter((one) => one === by || request.approvedBy.includes(one));
  if (request.approvedBy.length < (approval_quorum ?? 1))
    return done('approval_counted', { approvals: request.approvedBy.length });
  bringIn(state, scope, request.user, 'member');
  return done('approved');
}

/** By oneself, or by who stands above and is a moderator at least; the last owner stays. */
function remove(state: State, scope: Scope, by: Person, user: string): Reply {
  const actor = scope.members[by];
  const target = scope.members[user as Person];
  if (scope.type === 'dm') return refused('not_applicable');
  if (!actor || !target || target.state === 'removed') return refused('member_not_found');
  const rank = ranks[actor.role];
  if (user !== by && (rank < ranks.moderator || rank <= ranks[target.role])) return refused('not_permitted');
  if (isLastOwner(scope, target)) return refused('last_owner');
  scope.members[user as Person] = {
    ...{ role: target.role, state: 'removed', read: 0, delivered: 0, missing: null, removedBy: by },
  };
  delete scope.projections[user as Person];
  const pending = pendingOf(state, scope, user);
  if (pending) pending.status = 'revoked';
  return done('removed');
}

/** An owner gives any role, an admin those below their own to those below them. */
function setRole(scope: Scope, by: Person, user: string, role: Change['role']): Reply {
  const target = scope.members[user as Person];
  if (role === null || role === 'king') return refused('role_invalid');
  if (scope.type === 'dm') return refused('not_applicable');
  if (target?.state !== 'joined') return refused('member_not_found');
  const rank = ranks[scope.members[by]?.role ?? 'member'];
  const above = Math.max(ranks[target.role], ranks[role]);
  if (rank < ranks.admin || (rank === ranks.admin && above >= ranks.admin)) return refused('not_permitted');
  if (role !== 'owner' && isLastOwner(scope, target)) return refused('last_owner');
  target.role = role;
  return done('role_set', { role });
}

function isLastOwner(scope: Scope, { role }: Member): boolean {
  const owners = Object.values(scope.members).filter((one) => one.state === 'joined' && one.role === 'owner');
  return role === 'owner' && owners.length === 1;
}
