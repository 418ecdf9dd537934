/** Joining, asking to join, roles, leaving: what the rules need beside invitations. And how often a user may command. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import { bring, change, create, group, message, send } from './acts.ts';
import { as, call, key, reason, rowsOf, run, type Scene, scenes, settle, unchanged, users } from './scene.ts';

const openScene = scenes();
const roles = async (scene: Scene) =>
  Object.fromEntries(
    (await rowsOf(scene, 'core_members')).map(({ user_id, role, state }) => [user_id, `${role} ${state}`]),
  );

describe('membership', () => {
  it('a request is granted by the quorum of those whom the policy names', async () => {
    await using scene = await openScene();
    const over = { p_visibility: 'unlisted', p_join_mode: 'approval', p_approval_quorum: 2 };
    const scope = await group(scene, [as.bob], over);
    expect(await change(scene, as.dan, scope, 'approve', users.cat)).toEqual({ ok: false, code: 'scope_not_found' });
    expect(await change(scene, as.cat, scope, 'join', users.cat)).toEqual({ ok: false, code: 'join_not_open' });
    expect(await change(scene, as.cat, scope, 'request', users.cat)).toMatchObject({
      ok: true,
      code: 'approval_requested',
    });
    expect(await change(scene, as.bob, scope, 'approve', users.cat)).toEqual({ ok: false, code: 'not_permitted' });
    for (let n = 0; n < 2; n += 1)
      expect(await change(scene, as.ann, scope, 'approve', users.cat)).toEqual({
        ok: true,
        code: 'approval_counted',
        approvals: 1,
      });
    expect(await change(scene, as.ann, scope, 'set_role', users.bob, { p_role: 'admin', ...reason })).toMatchObject({
      ok: true,
    });
    expect(await change(scene, as.bob, scope, 'approve', users.cat)).toEqual({ ok: true, code: 'approved' });
    expect(await roles(scene)).toMatchObject({ [users.cat]: 'member joined', [users.bob]: 'admin joined' });
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ member_count: 3 }]);
  });

  it('nobody acts on who stands as high, gives away more than they have, or leaves a scope without its owner', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob, as.cat]);
    for (const user of [users.bob, users.cat])
      await change(scene, as.ann, scope, 'set_role', user, { p_role: 'admin', ...reason });
    const denied = { ok: false, code: 'not_permitted' };
    await unchanged(scene, async () => {
      expect(await change(scene, as.bob, scope, 'remove', users.cat, reason)).toEqual(denied);
      expect(await change(scene, as.bob, scope, 'remove', users.ann, reason)).toEqual(denied);
      expect(await change(scene, as.bob, scope, 'set_role', users.bob, { p_role: 'owner', ...reason })).toEqual(denied);
      expect(await change(scene, as.bob, scope, 'leave', users.ann)).toEqual(denied);
      expect(await change(scene, as.ann, scope, 'leave', users.ann)).toEqual({ ok: false, code: 'last_owner' });
      expect(await change(scene, as.ann, scope, 'set_role', users.ann, { p_role: 'member', ...reason })).toEqual({
        ok: false,
        code: 'last_owner',
      });
      expect(await change(scene, as.ann, scope, 'set_role', users.bob, { p_role: 'king', ...reason })).toEqual({
        ok: false,
        code: 'role_invalid',
      });
      expect(await change(scene, as.ann, scope, 'banish', users.bob)).toEqual({ ok: false, code: 'action_invalid' });
      expect(await change(scene, as.dan, scope, 'join', users.dan)).toEqual({ ok: false, code: 'scope_not_found' });
    });
    await change(scene, as.ann, scope, 'set_role', users.bob, { p_role: 'owner', ...reason });
    expect(await change(scene, as.ann, scope, 'leave', users.ann)).toMatchObject({ ok: true });
    expect(await roles(scene)).toMatchObject({ [users.ann]: 'owner removed', [users.bob]: 'owner joined' });
  });

  it('who has left an open scope comes back as a member, with what was said meanwhile as read', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [], { p_visibility: 'public', p_join_mode: 'open' });
    await change(scene, as.bob, scope, 'join', users.bob);
    await change(scene, as.bob, scope, 'leave', users.bob);
    await send(scene, as.ann, scope);
    expect(await change(scene, as.bob, scope, 'join', users.bob)).toEqual({ ok: true, code: 'joined' });
    const bob = (await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === users.bob);
    expect(bob).toMatchObject({ role: 'member', state: 'joined', last_read_seq: 1, removed_by: null });
    const projection = (await rowsOf(scene, 'core_projections')).find(({ user_id }) => user_id === users.bob);
    expect(projection).toMatchObject({ unread_count: 0, last_event_seq: 1 });
  });
});

describe('an account that is gone', () => {
  it('is refused while its token lasts, and leaves nothing', async () => {
    await using scene = await openScene();
    const open = await group(scene, [], { p_visibility: 'public', p_join_mode: 'open' });
    const asked = await group(scene, [], { p_visibility: 'public', p_join_mode: 'approval' });
    await scene.owner.query('DELETE FROM auth.users WHERE id = $1', [users.dan]);
    await unchanged(scene, async () => {
      const told = [
        await create(scene, as.dan),
        await call(scene, as.dan, 'core_create_or_get_dm_v1', { p_other_user: users.ann }),
        await change(scene, as.dan, open, 'join', users.dan),
        await change(scene, as.dan, asked, 'request', users.dan),
      ];
      expect(told).toEqual(Array(4).fill({ ok: false, code: 'unauthenticated' }));
    });
  });
});

describe('limits on commands', () => {
  it.each(['command_actor', 'command_device'])(
    'the third call is refused where %s is two, and changes nothing',
    async (limit) => {
      await using scene = await openScene();
      const scope = await group(scene, []);
      await scene.owner.query('DELETE FROM public.core_rate_limits');
      await settle(scene, { [limit]: 2 });
      for (let n = 0; n < 2; n += 1)
        expect(await send(scene, as.ann, scope, { p_device_id: 'phone' })).toMatchObject({ ok: true });
      await unchanged(scene, async () =>
        expect(await send(scene, as.ann, scope, { p_device_id: 'phone' })).toEqual({ ok: false, code: 'rate_limited' }),
      );
      const other = await send(scene, as.ann, scope, { p_device_id: 'desk' });
      expect(other).toMatchObject({ ok: limit === 'command_device' });
    },
  );

  it('calls of the service count together, and what no longer counts is purged', async () => {
    await using scene = await openScene();
    await settle(scene, { command_service: 1 });
    await group(scene, []);
    expect(await call(scene, as.service, 'core_expire_invites_v1', { p_key: key() })).toMatchObject({ ok: true });
    expect(await call(scene, as.service, 'core_archive_outcomes_v1', { p_key: key() })).toEqual({
      ok: false,
      code: 'rate_limited',
    });
    await scene.owner.query("UPDATE public.core_rate_limits SET called_at = called_at - interval '3 minutes'");
    expect(await call(scene, as.service, 'core_purge_rate_limits_v1', { p_key: key() })).toMatchObject({
      ok: true,
      purged: 2,
    });
    expect(await rowsOf(scene, 'core_rate_limits'), 'the slot of the purge itself').toMatchObject([
      { bucket: 'command_service', slot: 0 },
    ]);
  });

  it('a setting is changed by the service alone, with a reason', async () => {
    await using scene = await openScene();
    const args = { p_name: 'dm_self_allowed', p_value: 1, p_key: key() };
    await unchanged(scene, async () => {
      expect(await call(scene, as.ann, 'core_set_setting_v1', { ...args, ...reason })).toEqual({ sqlstate: '42501' });
      expect((await run(scene, as.service, 'UPDATE core.settings SET value = 1')).error).toMatchObject({
        sqlstate: '42501',
      });
      expect(await call(scene, as.service, 'core_set_setting_v1', { ...args, p_reason_code: null })).toMatchObject({
        code: 'reason_code_invalid',
      });
      expect(
        await call(scene, as.service, 'core_set_setting_v1', { ...args, p_name: 'more', ...reason }),
      ).toMatchObject({ code: 'setting_unknown' });
      const none = { p_name: 'command_service', p_value: 0, p_key: key(), ...reason };
      expect(await call(scene, as.service, 'core_set_setting_v1', none), 'nobody could raise it again').toEqual({
        ok: false,
        code: 'setting_invalid',
      });
    });
    expect(await call(scene, as.service, 'core_set_setting_v1', { ...args, ...reason })).toMatchObject({ ok: true });
    expect(await rowsOf(scene, 'core.settings')).toContainEqual({ name: 'dm_self_allowed', value: 1 });
    expect(await rowsOf(scene, 'core_admin_actions')).toMatchObject([{ action: 'set_setting', scope_id: null }]);
  });
});

describe('what an event holds', () => {
  it('the server’s time, whatever the client says; a clock that is off by more than five minutes is told so', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const off = (minutes: number) =>
      message(scope, { p_client_ts: new Date(Date.now() + minutes * 60_000).toISOString() });
    for (const minutes of [-6, 6]) {
      await unchanged(scene, async () => {
        const refused = await call(scene, as.ann, 'core_append_event_v1', off(minutes));
        expect(refused).toMatchObject({ ok: false, code: 'clock_skew', server_time: expect.any(String) });
        expect(Number(refused['skew_hint']) / 60_000).toBeCloseTo(minutes, 1);
      });
    }
    expect(await call(scene, as.ann, 'core_append_event_v1', off(4))).toMatchObject({ ok: true });
    const [event] = await rowsOf(scene, 'core_events');
    expect(Math.abs(Date.parse(String(event?.['server_time'])) - Date.now())).toBeLessThan(60_000);
  });

  it.each([
    [{ p_payload: null }, 'payload_invalid'],
    [{ p_payload: ['no object'] }, 'payload_invalid'],
    [{ p_payload: { body: Array.from({ length: 20_000 }, (_, n) => n) } }, 'payload_too_large'],
    [{ p_payload: JSON.parse(`{"body": ${'['.repeat(1000)}${']'.repeat(1000)}}`) }, 'payload_too_large'],
    [{ p_client_ts: null }, 'client_ts_invalid'],
    [{ p_client_ts: 'infinity' }, 'client_ts_invalid'],
    [{ p_trace_id: 'x'.repeat(129) }, 'argument_too_long'],
  ])('%o is refused', async (over, code) => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await unchanged(scene, async () =>
      expect(await send(scene, as.bob, scope, over)).toMatchObject({ ok: false, code }),
    );
  });

  it('outcomes are read by their actor alone, also from the table', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await bring(scene, scope, as.bob);
    const mine = 'SELECT command_type FROM public.core_outcomes ORDER BY 1';
    expect((await run(scene, as.ann, mine)).rows).toEqual([['create_scope'], ['invite']]);
    expect((await run(scene, as.bob, mine)).rows).toEqual([['accept_invite']]);
    expect((await run(scene, as.dan, mine)).rows).toEqual([]);
    // What the service did has no actor, and neither has a token without a subject.
    expect(await call(scene, as.service, 'core_expire_invites_v1', { p_key: key() })).toMatchObject({ ok: true });
    expect((await run(scene, noSub(), mine)).rows).toEqual([]);
    expect((await run(scene, as.ann, 'SELECT 1 FROM core.outcomes_hot')).error).toMatchObject({ sqlstate: '42501' });
    expect(await rowsOf(scene, 'core_outcomes')).toHaveLength(4);
  });
});
