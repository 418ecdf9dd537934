/** Refusals around membership: invitations, answers to them, joining, leaving, roles. */

import type { Ground } from './ground.ts';
import { type Refusal, reasons, refusals } from './refusals.ts';
import { as, missing, reason, users } from './scene.ts';
import type { Arguments } from './statements.ts';

type Scopes = Ground['scopes'];
const at =
  (name: keyof Scopes, over: Arguments = {}) =>
  ({ scopes }: Ground) => ({ p_scope: scopes[name], ...over });
const of =
  (fate: keyof Ground['invites']) =>
  ({ invites }: Ground) => ({ p_invite: invites[fate] });

/** Who may not accept may not reject either. */
const answers = (rpc: string) =>
  refusals(rpc, as.dan, of('pending'), [
    ['invite_not_found', { p_invite: missing }],
    ['membership_revoked', of('removed'), as.cat],
    ['invite_expired', of('expired')],
    ['invite_revoked', of('revoked')],
    ['invite_rejected', of('rejected')],
    ['invite_policy_changed', of('outdated')],
    ['approval_pending', of('requested')],
    ['scope_read_only', of('frozen')],
  ]);

export const ofMembers: readonly Refusal[] = [
  ...refusals('core_invite_v1', as.ann, at('group', { p_user: users.dan }), [
    ['not_permitted', {}, as.bob],
    ['invite_not_applicable', at('open')],
    ['user_not_found', { p_user: missing }],
    ['already_member', { p_user: users.bob }],
    ['invite_pending', at('approval')],
    ['scope_not_found', {}, as.dan],
    ['membership_revoked', {}, as.cat],
    ['scope_read_only', at('frozen')],
  ]),
  ...answers('core_accept_invite_v1'),
  ...refusals('core_accept_invite_v1', as.dan, of('crowded'), [['fanout_on_read_required']]),
  ...answers('core_reject_invite_v1'),
  ...refusals('core_change_membership_v1', as.dan, { p_user: users.dan, p_action: 'join' }, [
    ['already_member', at('open', { p_user: users.ann }), as.ann],
    ['join_not_open', at('approval')],
    ['fanout_on_read_required', at('crowded')],
    ['approval_not_applicable', at('open', { p_action: 'request' })],
    ['invite_pending', at('approval', { p_action: 'request' })],
    ['scope_not_found', at('group')],
    ['membership_revoked', at('group', { p_user: users.cat }), as.cat],
    ['not_permitted', at('open', { p_user: users.cat })],
  ]),
  ...refusals('core_change_membership_v1', as.ann, at('group', { p_user: users.bob, p_action: 'remove', ...reason }), [
    ['action_invalid', { p_action: 'banish' }],
    ['invite_not_found', at('approval', { p_action: 'approve', p_user: users.cat })],
    ['not_applicable', at('dm')],
    ['member_not_found', { p_user: users.dan }],
    ['last_owner', { p_user: users.ann }],
    ['role_invalid', { p_action: 'set_role', p_role: 'king' }],
    ['scope_read_only', at('frozen')],
    ...reasons,
  ]),
];
