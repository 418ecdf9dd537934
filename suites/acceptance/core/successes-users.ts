/** What the calls of users do: messages, reads, receipts, membership. */

import { expect } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { accept, fill, group, invite, message, send } from './acts.ts';
import { as, call, key, reason, type Scene, users } from './scene.ts';
import type { Arguments } from './statements.ts';
import { type Call, keyed, type Success } from './successes.ts';

const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
const time = expect.stringMatching(/^\d{4}-/);
const scopeAndMember = ['core_scopes', 'core_members', 'core_projections'];
const wholeScope = [...scopeAndMember, 'core_policies', 'core_projection_watermarks'];
const open = { p_scope_type: 'channel', p_visibility: 'public', p_join_mode: 'open' };
const approval = { p_visibility: 'unlisted', p_join_mode: 'approval' };

const change = (persona: Persona, scope: string, action: string, user: string, over: Arguments = {}) =>
  keyed(persona, { p_scope: scope, p_user: user, p_action: action, ...over }, { p_reason_text: 'another' });

const dm = keyed(as.ann, { p_other_user: users.bob }, { p_other_user: users.cat });

/** The answer to a second invitation of Bob's, the first having run out. */
async function answering(scene: Scene): Promise<Call> {
  const scope = await group(scene, []);
  const late = await invite(scene, as.ann, scope, users.bob);
  await scene.owner.query("UPDATE public.core_invites SET expires_at = now() - interval '1 second'");
  const { invite_id: id } = await invite(scene, as.ann, scope, users.bob);
  return keyed(as.bob, { p_invite: String(id) }, { p_invite: String(late['invite_id']) });
}

async function answered(scene: Scene): Promise<Call> {
  const { persona, args } = await answering(scene);
  await accept(scene, persona, String(args['p_invite']));
  return keyed(persona, { p_invite: args['p_invite'] ?? null });
}

/** Ann approves Dan's request, under a policy that wants `quorum`. */
async function requested(scene: Scene, quorum: number): Promise<Call> {
  const scope = await group(scene, [], { ...approval, p_approval_quorum: quorum });
  await call(scene, as.dan, 'core_change_membership_v1', change(as.dan, scope, 'request', users.dan).args);
  return change(as.ann, scope, 'approve', users.dan);
}

/** Bob in a group of two with three messages of Ann's. */
async function spoken(scene: Scene): Promise<string> {
  const scope = await group(scene, [as.bob]);
  await fill(scene, scope, 3);
  return scope;
}

export const byUsers: readonly Success[] = [
  {
    rpc: 'core_create_or_get_dm_v1',
    code: 'dm_created',
    arrange: async () => dm,
    changes: wholeScope,
    row: ['core_scopes', { scope_type: 'dm', dm_user_low: users.ann, dm_user_high: users.bob, member_count: 2 }],
    says: { scope_id: uuid },
  },
  {
    rpc: 'core_create_or_get_dm_v1',
    code: 'dm_exists',
    changes: [],
    says: { scope_id: uuid },
    arrange: async (scene) => {
      await call(scene, as.bob, 'core_create_or_get_dm_v1', { p_other_user: users.ann });
      return keyed(as.ann, { p_other_user: users.bob });
    },
  },
  {
    rpc: 'core_append_event_v1',
    code: 'event_appended',
    changes: ['core_events', 'core_scopes', 'core_projections', 'core_projection_watermarks'],
    arrange: async (scene) => ({
      persona: as.bob,
      args: message(await group(scene, [as.bob])),
      other: { p_payload: { body: 'other' } },
    }),
    row: ['core_events', { event_seq: 1, actor_id: users.bob, payload: { body: 'hello' } }],
    says: { event_seq: 1, scope_max_seq: 1, server_time: time },
  },
  {
    rpc: 'core_query_timeline_v1',
    code: 'timeline',
    says: { events: [expect.objectContaining({ event_seq: 3 })], scope_max_seq: 3, has_more: false },
    arrange: async (scene) => ({ persona: as.bob, args: { p_scope: await spoken(scene), p_after_seq: 2 } }),
  },
  {
    rpc: 'core_get_dialog_metadata_v1',
    code: 'dialogs',
    says: { dialogs: [expect.objectContaining({ unread_count: 3, last_event_seq: 3, mode: 'normal' })] },
    // A foreign scope is named as well, and nothing comes of it.
    arrange: async (scene) => {
      const scopes = [await spoken(scene), await group(scene, [as.cat])];
      return { persona: as.bob, args: { p_scopes: `{${scopes.join()}}` } };
    },
  },
  {
    rpc: 'core_create_scope_v1',
    code: 'scope_created',
    changes: wholeScope,
    arrange: async () =>
      keyed(
        as.ann,
        { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'invite_only' },
        { p_visibility: 'unlisted' },
      ),
    row: ['core_members', { user_id: users.ann, role: 'owner', state: 'joined' }],
    says: { scope_id: uuid, policy_version: 1, policy_hash: hash },
  },
  {
    rpc: 'core_command_status_v1',
    code: 'outcome_found',
    says: {
      tier: 'hot',
      state: 'committed',
      created_at: time,
      outcome: expect.objectContaining({ code: 'event_appended', event_seq: 1 }),
    },
    arrange: async (scene) => {
      const [scope, p_key] = [await group(scene, []), key()];
      await send(scene, as.ann, scope, { p_key });
      return { persona: as.ann, args: { p_scope: scope, p_command_type: 'message_send', p_key } };
    },
  },
  {
    rpc: 'core_invite_v1',
    code: 'invite_issued',
    changes: ['core_invites', 'core_members'],
    arrange: async (scene) =>
      keyed(as.ann, { p_scope: await group(scene, []), p_user: users.bob }, { p_user: users.cat }),
    row: ['core_members', { user_id: users.bob, state: 'invited' }],
    says: { invite_id: uuid, expires_at: time, policy_version: 1, policy_hash: hash },
  },
  {
    rpc: 'core_accept_invite_v1',
    code: 'invite_accepted',
    arrange: answering,
    changes: ['core_invites', ...scopeAndMember],
    row: ['core_members', { user_id: users.bob, state: 'joined', role: 'member' }],
    says: { scope_id: uuid },
  },
  { rpc: 'core_accept_invite_v1', code: 'already_member', arrange: answered, says: { scope_id: uuid } },
  {
    rpc: 'core_reject_invite_v1',
    code: 'invite_rejected',
    arrange: answering,
    changes: ['core_invites'],
    row: ['core_invites', { invited_user_id: users.bob, status: 'rejected' }],
    says: { scope_id: uuid },
  },
  { rpc: 'core_reject_invite_v1', code: 'already_member', arrange: answered, says: { scope_id: uuid } },
  {
    rpc: 'core_change_membership_v1',
    code: 'joined',
    changes: scopeAndMember,
    says: {},
    arrange: async (scene) => change(as.bob, await group(scene, [], open), 'join', users.bob),
    row: ['core_members', { user_id: users.bob, state: 'joined', role: 'member' }],
  },
  {
    rpc: 'core_change_membership_v1',
    code: 'approval_requested',
    changes: ['core_invites'],
    says: { invite_id: uuid },
    arrange: async (scene) => change(as.bob, await group(scene, [], approval), 'request', users.bob),
    row: ['core_invites', { invited_user_id: users.bob, inviter_id: users.bob, status: 'pending' }],
  },
  {
    rpc: 'core_change_membership_v1',
    code: 'approval_counted',
    changes: ['core_invites'],
    says: { approvals: 1 },
    arrange: (scene) => requested(scene, 2),
    row: ['core_invites', { status: 'pending', approved_by: [users.ann] }],
  },
  {
    rpc: 'core_change_membership_v1',
    code: 'approved',
    changes: ['core_invites', ...scopeAndMember],
    says: {},
    arrange: (scene) => requested(scene, 1),
    row: ['core_members', { user_id: users.dan, state: 'joined' }],
  },
  {
    rpc: 'core_change_membership_v1',
    code: 'removed',
    changes: [...scopeAndMember, 'core_admin_actions'],
    says: {},
    arrange: async (scene) => change(as.ann, await group(scene, [as.bob]), 'remove', users.bob, reason),
    row: ['core_members', { user_id: users.bob, state: 'removed', removed_by: users.ann }],
  },
  {
    rpc: 'core_change_membership_v1',
    code: 'role_set',
    changes: ['core_members', 'core_admin_actions'],
    says: { role: 'moderator' },
    arrange: async (scene) =>
      change(as.ann, await group(scene, [as.bob]), 'set_role', users.bob, { p_role: 'moderator', ...reason }),
    row: ['core_members', { user_id: users.bob, role: 'moderator' }],
  },
  {
    rpc: 'core_ack_v1',
    code: 'receipt_stored',
    changes: ['core_members', 'core_projections'],
    says: { last_delivered_seq: 3, last_read_seq: 2 },
    arrange: async (scene) =>
      keyed(as.bob, { p_scope: await spoken(scene), p_delivered_seq: 3, p_read_seq: 2 }, { p_read_seq: 3 }),
    row: ['core_projections', { user_id: users.bob, unread_count: 1 }],
  },
  {
    rpc: 'core_report_missing_v1',
    code: 'resync_offered',
    changes: ['core_members'],
    says: { batches: [{ after_seq: 0, limit: 2, available: 2 }], more: false },
    arrange: async (scene) =>
      keyed(as.bob, { p_scope: await spoken(scene), p_ranges: [[1, 2]] }, { p_ranges: [[1, 3]] }),
    row: ['core_members', { user_id: users.bob, missing_from_seq: 1 }],
  },
  {
    rpc: 'core_report_missing_v1',
    code: 'nothing_missing',
    changes: ['core_members'],
    says: { batches: [], more: false },
    arrange: async (scene) => {
      const p_scope = await spoken(scene);
      await call(scene, as.bob, 'core_report_missing_v1', { p_scope, p_ranges: [[1, 2]], p_key: key() });
      return keyed(as.bob, { p_scope, p_ranges: [] });
    },
    row: ['core_members', { user_id: users.bob, missing_from_seq: null }],
  },
];
