/** Invitations: what they hold to, and who comes back by one. */

import { describe, expect, it } from 'vitest';
import { accept, bring, create, group, invite, join, policyChange, remove, send } from './acts.ts';
import { as, call, forbidden, key, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();

describe('invitations', () => {
  it('T-INV-01 accepting again answers the same and changes nothing', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const invited = await invite(scene, as.ann, scope, users.bob);
    expect(invited).toMatchObject({ ok: true, code: 'invite_issued' });
    const id = String(invited['invite_id']);
    const same = { p_key: key() };
    const accepted = await accept(scene, as.bob, id, same);
    expect(accepted).toEqual({ ok: true, code: 'invite_accepted', scope_id: scope });
    await unchanged(scene, async () => {
      expect(await accept(scene, as.bob, id, same)).toEqual(accepted);
      expect(await accept(scene, as.bob, id)).toEqual({ ok: true, code: 'already_member', scope_id: scope });
      expect(await accept(scene, as.cat, id)).toEqual({ ok: false, code: 'invite_not_found' });
    });
    expect(await stateOfMember(scene, users.bob)).toBe('joined');
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ status: 'accepted', invited_user_id: users.bob }]);
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ member_count: 2 }]);
  });

  it('T-INV-01 an invitation whose time is over, or that was rejected, is no longer accepted', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const late = String((await invite(scene, as.ann, scope, users.bob))['invite_id']);
    const refused = String((await invite(scene, as.ann, scope, users.cat))['invite_id']);
    expect(await call(scene, as.cat, 'core_reject_invite_v1', { p_invite: refused, p_key: key() })).toMatchObject({
      code: 'invite_rejected',
    });
    await scene.owner.query(
      "UPDATE public.core_invites SET expires_at = now() - interval '1 second' WHERE status = 'pending'",
    );
    await unchanged(scene, async () => {
      expect(await accept(scene, as.bob, late)).toEqual({ ok: false, code: 'invite_expired' });
      expect(await accept(scene, as.cat, refused)).toEqual({ ok: false, code: 'invite_rejected' });
    });
    expect(await call(scene, as.service, 'core_expire_invites_v1', { p_key: key() })).toEqual({
      ok: true,
      code: 'invites_expired',
      expired: 1,
    });
    expect((await rowsOf(scene, 'core_invites')).map(({ status }) => status).sort()).toEqual(['expired', 'rejected']);
  });

  it('T-INV-02 an invitation holds the policy under which it was issued, as that policy was', async () => {
    await using scene = await openScene();
    const made = await create(scene, as.ann, { p_invite_ttl_hours: 2 });
    const scope = String(made['scope_id']);
    const invited = await invite(scene, as.ann, scope, users.bob);
    expect(invited).toMatchObject({ policy_version: 1, policy_hash: made['policy_hash'] });
    const [row] = await rowsOf(scene, 'core_invites');
    expect(row).toMatchObject({
      policy_version: 1,
      policy_hash: made['policy_hash'],
      status: 'pending',
      inviter_id: users.ann,
    });
    const hours = (Date.parse(String(row?.['expires_at'])) - Date.parse(String(row?.['created_at']))) / 3_600_000;
    expect(hours).toBeCloseTo(2, 2);
    const other = "UPDATE public.core_invites SET policy_hash = repeat('0', 64)";
    await unchanged(scene, async () => expect(await forbidden(scene, other)).toBe('core_invites_policy_at_issue'));
  });

  it('T-INV-03 a change of policy takes pending invitations back, also one that is accepted at that moment', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const id = String((await invite(scene, as.ann, scope, users.bob))['invite_id']);
    const args = await policyChange(scene, scope, {
      approval_roles: ['owner'],
      data_classification_defaults: 'sensitive',
    });
    expect(await call(scene, as.service, 'core_update_policy_v1', args)).toMatchObject({ ok: true, policy_version: 2 });
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ status: 'revoked' }]);
    await unchanged(scene, async () =>
      expect(await accept(scene, as.bob, id)).toEqual({ ok: false, code: 'invite_revoked' }),
    );
    // As if it had been missed: the old policy alone is reason enough.
    await scene.owner.query("UPDATE public.core_invites SET status = 'pending'");
    await unchanged(scene, async () =>
      expect(await accept(scene, as.bob, id)).toEqual({ ok: false, code: 'invite_policy_changed' }),
    );
    expect(await stateOfMember(scene, users.bob)).toBe('invited');
  });

  it('T-INV-04 where everybody may join, and for direct messages, there are none', async () => {
    await using scene = await openScene();
    const open = await group(scene, [], { p_visibility: 'public', p_join_mode: 'open' });
    const made = await call(scene, as.ann, 'core_create_or_get_dm_v1', { p_other_user: users.bob });
    await unchanged(scene, async () => {
      for (const scope of [open, String(made['scope_id'])])
        expect(await invite(scene, as.ann, scope, users.cat)).toEqual({ ok: false, code: 'invite_not_applicable' });
    });
    expect(await join(scene, as.cat, open)).toEqual({ ok: true, code: 'joined' });
    const unlisted = await group(scene, [], { p_visibility: 'unlisted', p_join_mode: 'open' });
    expect(await invite(scene, as.ann, unlisted, users.cat)).toMatchObject({ code: 'invite_issued' });
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ scope_id: unlisted }]);
  });

  it.each([
    { p_visibility: 'private', p_join_mode: 'invite_only' },
    { p_visibility: 'unlisted', p_join_mode: 'open' },
  ])('T-INV-REJOIN-01 who was removed from a scope that is %j needs a new invitation', async (over) => {
    await using scene = await openScene();
    const scope = await group(scene, [], over);
    const id = String((await invite(scene, as.ann, scope, users.bob))['invite_id']);
    await accept(scene, as.bob, id);
    await send(scene, as.ann, scope);
    expect(await remove(scene, scope, users.bob)).toMatchObject({ ok: true, code: 'removed' });
    const revoked = { ok: false, code: 'membership_revoked' };
    await unchanged(scene, async () => {
      expect(await accept(scene, as.bob, id)).toEqual(revoked);
      expect(await join(scene, as.bob, scope)).toEqual(revoked);
      expect(await send(scene, as.bob, scope)).toEqual(revoked);
      const back = `UPDATE public.core_members SET state = 'joined', removed_at = NULL, removed_by = NULL WHERE user_id = '${users.bob}'`;
      expect(await forbidden(scene, back)).toBe('guard_membership_change');
    });
    expect((await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === users.bob)).toMatchObject({
      state: 'removed',
      last_read_seq: 0,
      last_delivered_seq: 0,
      removed_by: users.ann,
    });
    expect((await rowsOf(scene, 'core_projections')).map(({ user_id }) => user_id)).toEqual([users.ann]);
    expect(await bring(scene, scope, as.bob)).toMatchObject({ ok: true, code: 'invite_accepted' });
    expect(await send(scene, as.bob, scope)).toMatchObject({ ok: true });
    expect(await stateOfMember(scene, users.bob)).toBe('joined');
  });
});

async function stateOfMember(scene: Scene, user: string): Promise<unknown> {
  return (await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === user)?.['state'];
}
