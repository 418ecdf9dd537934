/** What the reference model has found, as plain tests. */

import { describe, expect, it } from 'vitest';
import { queue } from '../../../fixtures/act/gate.ts';
import { qualified } from '../../../fixtures/wire/escape.ts';
import { accept, change, fill, group, invite, join, remove, send, setMode, timeline } from './acts.ts';
import {
  as,
  call,
  key,
  probeOf,
  reason,
  replyOf,
  rowsOf,
  type Scene,
  scenes,
  settle,
  unchanged,
  users,
} from './scene.ts';

const openScene = scenes();
const channel = { p_scope_type: 'channel', p_visibility: 'unlisted' };
const days = (scene: Scene, where: string, count: number) =>
  scene.owner.script(`SET session_replication_role = replica;
    UPDATE public.core_events SET server_time = server_time - interval '${count} days' WHERE ${where};
    RESET session_replication_role`);
const service = (scene: Scene, routine: string, scope: string, over = {}) =>
  call(scene, as.service, `core_${routine}_v1`, { p_scope: scope, p_key: key(), ...over });

describe('found by the reference model', () => {
  it('who joins an open scope by themself has no invitation left to accept a second time', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [], { p_visibility: 'unlisted', p_join_mode: 'open' });
    const id = String((await invite(scene, as.ann, scope, users.bob))['invite_id']);
    expect(await join(scene, as.bob, scope)).toEqual({ ok: true, code: 'joined' });
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ id, status: 'accepted' }]);
    const again = { ok: true, code: 'already_member', scope_id: scope };
    await unchanged(scene, async () => expect(await accept(scene, as.bob, id)).toEqual(again));
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ member_count: 2 }]);
  });

  it('an invitation that was accepted before a removal does not say that its subject is in', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const id = String((await invite(scene, as.ann, scope, users.bob))['invite_id']);
    await accept(scene, as.bob, id);
    await remove(scene, scope, users.bob);
    await invite(scene, as.ann, scope, users.bob);
    const revoked = { ok: false, code: 'membership_revoked' };
    await unchanged(scene, async () => expect(await accept(scene, as.bob, id)).toEqual(revoked));
    expect((await rowsOf(scene, 'core_members')).find(({ user_id }) => user_id === users.bob)).toMatchObject({
      state: 'invited',
    });
  });

  it('a request is not approved into a channel that would grow large and fans out on write', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [], { ...channel, p_join_mode: 'approval' });
    await change(scene, as.bob, scope, 'request', users.bob);
    await scene.owner.query('UPDATE public.core_scopes SET member_count = 49999');
    await unchanged(scene, async () =>
      expect(await change(scene, as.ann, scope, 'approve', users.bob)).toEqual({
        ok: false,
        code: 'fanout_on_read_required',
      }),
    );
    expect(await rowsOf(scene, 'core_invites')).toMatchObject([{ status: 'pending', approved_by: [] }]);
  });

  it('what a message was edited to is gone with the message', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    const sent = (type: string, payload: object) =>
      send(scene, as.bob, scope, { p_command_type: type, p_payload: { ...payload } });
    await sent('message_send', { body: 'first' });
    await sent('message_edit', { target_seq: 1, body: 'better' });
    await sent('reaction_add', { target_seq: 1, body: 'nice' });
    const payloads = async () =>
      ((await timeline(scene, as.ann, scope))['events'] as readonly { payload: unknown }[]).map(
        ({ payload }) => payload,
      );
    expect((await payloads())[1]).toEqual({ target_seq: 1, body: 'better' });
    await sent('message_delete', { target_seq: 1 });
    expect(await payloads()).toEqual([null, null, { target_seq: 1, body: 'nice' }, { target_seq: 1 }]);
    expect(await rowsOf(scene, 'core_events')).toMatchObject([{ deleted_by: users.bob }, {}, {}, {}]);
  });

  it('what a message was edited to is not told again once retention has taken the message', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    const sent = (type: string, payload: object) =>
      send(scene, as.ann, scope, { p_command_type: type, p_payload: { ...payload } });
    await sent('message_send', { body: 'first' });
    await sent('message_edit', { target_seq: 1, body: 'better' });
    await sent('message_delete', { target_seq: 1 });
    await days(scene, 'event_seq = 1', 366);
    const told = async () =>
      ((await timeline(scene, as.ann, scope))['events'] as readonly { event_seq: number; payload: unknown }[]).map(
        ({ event_seq, payload }) => [event_seq, payload],
      );
    const before = await told();
    expect(before).toEqual([
      [2, null],
      [3, { target_seq: 1 }],
    ]);
    expect(await service(scene, 'purge_retention', scope)).toMatchObject({ purged: 1 });
    expect(await told()).toEqual(before);
    expect((await rowsOf(scene, 'core_events')).map(({ event_seq }) => event_seq)).toEqual([2, 3]);
  });

  it('who is allowed a direct message to themself gets it, though the permission is taken back at that moment', async () => {
    await using scene = await openScene();
    await settle(scene, { dm_self_allowed: 1 });
    const back = { p_name: 'dm_self_allowed', p_value: 0, p_key: key(), ...reason };
    const probes = [
      probeOf(as.ann, 'core_create_or_get_dm_v1', { p_other_user: users.ann }),
      probeOf(as.service, 'core_set_setting_v1', back),
    ];
    const replies = (await queue(scene.db, { lock: qualified('public', 'core_scopes'), probes })).map(replyOf);
    expect(replies.map(({ code }) => code)).toEqual(['dm_created', 'setting_set']);
    expect(await rowsOf(scene, 'core_scopes')).toMatchObject([{ dm_user_low: users.ann, dm_user_high: users.ann }]);
  });

  it('a rebuild after the last events were purged still tells the last number', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await fill(scene, scope, 3);
    await days(scene, 'event_seq > 1', 366);
    expect(await service(scene, 'purge_retention', scope)).toMatchObject({ purged: 2 });
    const told = async () =>
      (await rowsOf(scene, 'core_projections')).map(({ last_event_seq, unread_count }) => [
        last_event_seq,
        unread_count,
      ]);
    const live = await told();
    expect(live).toEqual([
      [3, 0],
      [3, 1],
    ]);
    await service(scene, 'rebuild_projection', scope);
    expect(await told()).toEqual(live);
  });

  it.each([
    ['some', 'event_seq IN (1, 3)', 2],
    ['all', 'true', 4],
  ])('a migration goes through where retention has taken %s of the events', async (_, where, purged) => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await fill(scene, scope, 4);
    await days(scene, 'true', 200);
    await days(scene, where, 200);
    expect(await service(scene, 'purge_retention', scope)).toMatchObject({ purged });
    for (const mode of ['write_freeze', 'read_only_safe']) await setMode(scene, scope, mode);
    const codes = [];
    for (let n = 0; n < 3; n += 1)
      codes.push((await service(scene, 'migration_step', scope, { p_migration: 'rehash_payloads' })).code);
    expect(codes).toEqual(['migration_started', 'migration_applied', 'migration_finished']);
    expect(await rowsOf(scene, 'core_events')).toHaveLength(4 - purged);
  });
});
