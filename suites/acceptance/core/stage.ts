/** A platform core with something in it for every call to work on, and one call of each that changes something. */

import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { asReplica, bring, change, create, fill, group, invite, message, policyChange, send, setMode } from './acts.ts';
import { as, call, key, missing, operator, probeOf, reason, type Scene, users } from './scene.ts';
import type { Arguments } from './statements.ts';

/** What the calls are about. */
export interface Stage {
  /** Ann's private group with Bob as admin and Cat: three old messages, three of today, an edited one of Bob's. */
  readonly group: string;
  /** Ann's public channel, read from. */
  readonly channel: string;
  /** Ann's group in read_only_safe, its migration begun. */
  readonly still: string;
  /** Dan's invitation into the group. */
  readonly invite: string;
  readonly policy: Arguments;
}

/** Fills a scene. Its limits are out of the way. */
export async function stageOf(scene: Scene): Promise<Stage> {
  await scene.owner.query("UPDATE core.settings SET value = 1000000 WHERE name ~ '^(timeline|command|report)'");
  const still = await group(scene, [as.bob]);
  await fill(scene, still, 6);
  for (const mode of ['write_freeze', 'read_only_safe']) await setMode(scene, still, mode);
  await call(scene, as.service, 'core_migration_step_v1', stepOf(still));
  const open = { p_scope_type: 'channel', p_visibility: 'public', p_join_mode: 'open' };
  const channel = await create(scene, as.ann, { ...open, p_delivery_strategy: 'fanout_on_read' });
  const own = await group(scene, []);
  await fill(scene, own, 3);
  await age(scene, own);
  for (const persona of [as.bob, as.cat]) await bring(scene, own, persona);
  await change(scene, as.ann, own, 'set_role', users.bob, { p_role: 'admin', ...reason });
  for (let n = 0; n < 3; n += 1) await send(scene, as.bob, own);
  const invited = await invite(scene, as.ann, own, users.dan);
  await scene.owner.query(
    `INSERT INTO public.core_rate_limits (bucket, subject, slot, called_at)
     SELECT 'command_actor', 'somebody', n, now() - interval '1 hour' FROM generate_series(0, 4) AS n`,
  );
  return {
    group: own,
    channel: String(channel['scope_id']),
    still,
    invite: String(invited['invite_id']),
    policy: await policyChange(scene, own, { invite_ttl: 24 }),
  };
}

/** Makes every event of a scope, and every outcome so far, older than what is kept. */
export async function age(scene: Scene, scope: string): Promise<void> {
  await asReplica(
    scene,
    `UPDATE public.core_events SET server_time = server_time - interval '900 days' WHERE scope_id = ${literal(scope)};
    UPDATE public.core_outcomes SET created_at = created_at - interval '900 days' WHERE tier = 'hot'`,
  );
}

function stepOf(scope: string): Arguments {
  return { p_scope: scope, p_migration: 'rehash_payloads', p_key: key(), p_batch: 4 };
}

/** Calls that succeed on a fresh stage, each with a key of its own: by what they do. */
export function commandsOf(stage: Stage): Readonly<Record<string, Probe>> {
  return { ...talking(stage), ...belonging(stage), ...operating(stage) };
}

function talking({ group: scope, channel }: Stage): Record<string, Probe> {
  const append = 'core_append_event_v1';
  const on = (type: string, payload: object) =>
    message(scope, { p_command_type: type, p_payload: { target_seq: 4, ...payload } });
  return {
    'create a scope': probeOf(as.bob, 'core_create_scope_v1', {
      ...{ p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'invite_only', p_key: key() },
    }),
    'open a direct message': probeOf(as.bob, 'core_create_or_get_dm_v1', { p_other_user: users.cat, p_key: key() }),
    'open it from the other side': probeOf(as.cat, 'core_create_or_get_dm_v1', {
      ...{ p_other_user: users.bob, p_key: key() },
    }),
    send: probeOf(as.cat, append, message(scope)),
    edit: probeOf(as.bob, append, on('message_edit', { body: 'better' })),
    delete: probeOf(as.ann, append, on('message_delete', { reason_code: 'abuse_spam' })),
    react: probeOf(as.cat, append, on('reaction_add', { emoji: 'x' })),
    'send into the channel': probeOf(as.ann, append, message(channel)),
    acknowledge: probeOf(as.cat, 'core_ack_v1', {
      ...{ p_scope: scope, p_delivered_seq: 6, p_read_seq: 5, p_key: key() },
    }),
    'report what is missing': probeOf(as.cat, 'core_report_missing_v1', {
      ...{ p_scope: scope, p_ranges: [[4, 5]], p_key: key() },
    }),
  };
}

function belonging({ group: scope, channel, invite: id }: Stage): Record<string, Probe> {
  const membership = (persona: Probe['persona'], action: string, user: string, over: Arguments = {}, of = scope) =>
    probeOf(persona, 'core_change_membership_v1', {
      ...{ p_scope: of, p_user: user, p_action: action, p_key: key(), ...over },
    });
  return {
    invite: probeOf(as.bob, 'core_invite_v1', { p_scope: scope, p_user: users.eve, p_key: key() }),
    accept: probeOf(as.dan, 'core_accept_invite_v1', { p_invite: id, p_key: key() }),
    reject: probeOf(as.dan, 'core_reject_invite_v1', { p_invite: id, p_key: key() }),
    leave: membership(as.cat, 'leave', users.cat),
    remove: membership(as.bob, 'remove', users.cat, reason),
    promote: membership(as.ann, 'set_role', users.cat, { p_role: 'owner', ...reason }),
    join: membership(as.dan, 'join', users.dan, {}, channel),
  };
}

function operating({ group: scope, channel, still, policy }: Stage): Record<string, Probe> {
  const serve = (routine: string, args: Arguments) => probeOf(as.service, routine, { p_key: key(), ...args });
  return {
    'update the policy': serve('core_update_policy_v1', policy),
    'mark as large': serve('core_mark_large_v1', { p_scope: channel, p_is_large: true, ...reason }),
    freeze: serve('core_set_maintenance_v1', { p_scope: scope, p_mode: 'write_freeze', ...reason }),
    approve: probeOf(operator(missing), 'core_approve_maintenance_v1', {
      ...{ p_scope: scope, p_mode: 'maintenance_full', p_key: key(), ...reason },
    }),
    rebuild: serve('core_rebuild_projection_v1', { p_scope: scope, p_batch: 4 }),
    purge: serve('core_purge_retention_v1', { p_scope: scope, p_batch: 2 }),
    'expire invitations': serve('core_expire_invites_v1', {}),
    'forget calls': serve('core_purge_rate_limits_v1', {}),
    'archive outcomes': serve('core_archive_outcomes_v1', { p_batch: 2 }),
    migrate: serve('core_migration_step_v1', stepOf(still)),
    'change a setting': serve('core_set_setting_v1', { p_name: 'dm_self_allowed', p_value: 1, ...reason }),
  };
}
