/** What the calls of operations do: policies, size, maintenance, rebuilds, purges, migrations, settings. */

import { expect } from 'vitest';
import { asReplica, create, fill, group, invite, policyChange, setMode } from './acts.ts';
import { as, call, key, operator, reason, type Scene, users } from './scene.ts';
import { type Call, keyed, type Success } from './successes.ts';

const journal = (kind: string, state: string) =>
  ['core_migrations', { kind, state, in_progress: state !== 'done' }] as const;
const hash = expect.stringMatching(/^[0-9a-f]{64}$/);
const smaller = { p_batch: 7 };

/** A group of Ann's with `count` messages of hers, and Bob. */
async function spoken(scene: Scene, count: number): Promise<string> {
  const scope = await group(scene, [as.bob]);
  await fill(scene, scope, count);
  return scope;
}

async function nextPolicy(scene: Scene): Promise<Call> {
  const p_scope = await group(scene, []);
  return keyed(as.service, await policyChange(scene, p_scope, { approval_quorum: 2 }), {
    p_policy_hash: '0'.repeat(64),
  });
}

/** Projections that nobody believes any more. */
async function drifted(scene: Scene, batch: number): Promise<Call> {
  const p_scope = await spoken(scene, 2);
  await scene.owner.query('UPDATE public.core_projections SET unread_count = 77');
  return keyed(as.service, { p_scope, p_batch: batch }, smaller);
}

async function aged(scene: Scene, batch: number): Promise<Call> {
  const p_scope = await spoken(scene, 2);
  await asReplica(scene, `UPDATE public.core_events SET server_time = now() - interval '366 days'`);
  return keyed(as.service, { p_scope, p_batch: batch }, smaller);
}

/** A step of a migration that has taken `steps`; hashes are out of date. */
async function migrating(scene: Scene, steps: number): Promise<Call> {
  const p_scope = await spoken(scene, 2);
  await asReplica(scene, `UPDATE public.core_events SET payload_hash = repeat('0', 64)`);
  for (const mode of ['write_freeze', 'read_only_safe']) await setMode(scene, p_scope, mode);
  const args = { p_scope, p_migration: 'rehash_payloads' };
  for (let n = 0; n < steps; n += 1) await call(scene, as.service, 'core_migration_step_v1', { ...args, p_key: key() });
  return keyed(as.service, args, smaller);
}

export const byOperations: readonly Success[] = [
  {
    rpc: 'core_update_policy_v1',
    code: 'policy_updated',
    arrange: nextPolicy,
    changes: ['core_scopes', 'core_policies', 'core_admin_actions'],
    row: ['core_policies', { version: 2, approval_quorum: 2 }],
    says: { policy_version: 2, policy_hash: hash },
  },
  {
    rpc: 'core_mark_large_v1',
    code: 'marked',
    changes: ['core_scopes', 'core_admin_actions'],
    says: { is_large: true },
    row: ['core_scopes', { is_large: true }],
    arrange: async (scene) => {
      const over = { p_scope_type: 'channel', p_delivery_strategy: 'fanout_on_read' };
      return keyed(
        as.service,
        { p_scope: await group(scene, [], over), p_is_large: true, ...reason },
        { p_is_large: false },
      );
    },
  },
  {
    rpc: 'core_set_maintenance_v1',
    code: 'maintenance_set',
    changes: ['core_scopes', 'core_admin_actions'],
    says: { system_mode: 'maintenance_write_freeze' },
    arrange: async (scene) =>
      keyed(as.service, { p_scope: await group(scene, []), p_mode: 'write_freeze', ...reason }, { p_mode: 'normal' }),
    row: ['core_scopes', { system_mode: 'maintenance_write_freeze' }],
  },
  {
    rpc: 'core_approve_maintenance_v1',
    code: 'maintenance_approved',
    changes: ['core_admin_actions'],
    says: { approvals: 1 },
    arrange: async (scene) =>
      keyed(
        operator(users.cat),
        { p_scope: await group(scene, []), p_mode: 'maintenance_full', ...reason },
        { p_mode: 'write_freeze' },
      ),
    row: ['core_admin_actions', { action: 'approve_maintenance', actor_id: users.cat }],
  },
  {
    rpc: 'core_rebuild_projection_v1',
    code: 'projection_rebuilding',
    arrange: (scene) => drifted(scene, 1),
    changes: ['core_projections', 'core_projection_watermarks', 'core_migrations'],
    says: { watermark_seq: 1, scope_max_seq: 2 },
    row: journal('projection_rebuild', 'running'),
  },
  {
    rpc: 'core_rebuild_projection_v1',
    code: 'projection_rebuilt',
    arrange: (scene) => drifted(scene, 2),
    changes: ['core_projections', 'core_projection_watermarks', 'core_migrations'],
    says: { watermark_seq: 2, scope_max_seq: 2 },
    row: ['core_projections', { user_id: users.bob, unread_count: 2, mode: 'normal' }],
  },
  {
    rpc: 'core_purge_retention_v1',
    code: 'purging',
    arrange: (scene) => aged(scene, 1),
    changes: ['core_events', 'core_migrations', 'core_projections'],
    says: { purged: 1 },
    row: journal('retention_purge', 'running'),
  },
  {
    rpc: 'core_purge_retention_v1',
    code: 'purged',
    arrange: (scene) => aged(scene, 3),
    changes: ['core_events', 'core_migrations', 'core_projections'],
    says: { purged: 2 },
    row: journal('retention_purge', 'done'),
  },
  {
    rpc: 'core_expire_invites_v1',
    code: 'invites_expired',
    changes: ['core_invites'],
    says: { expired: 1 },
    row: ['core_invites', { status: 'expired' }],
    arrange: async (scene) => {
      await invite(scene, as.ann, await group(scene, []), users.bob);
      await scene.owner.query("UPDATE public.core_invites SET expires_at = now() - interval '1 second'");
      return keyed(as.service, {}, smaller);
    },
  },
  {
    rpc: 'core_purge_rate_limits_v1',
    code: 'rate_limits_purged',
    changes: [],
    says: { purged: 2 },
    // What Ann called is over, what Bob calls still counts.
    arrange: async (scene) => {
      await create(scene, as.ann);
      await scene.owner.query("UPDATE public.core_rate_limits SET called_at = now() - interval '3 minutes'");
      await create(scene, as.bob);
      return keyed(as.service, {}, smaller);
    },
    row: ['core_rate_limits', { bucket: 'command_actor', subject: users.bob }],
  },
  {
    rpc: 'core_archive_outcomes_v1',
    code: 'outcomes_archived',
    changes: ['core.outcomes_archive'],
    says: { archived: 1 },
    arrange: async (scene) => {
      await group(scene, []);
      await scene.owner.query("UPDATE public.core_outcomes SET created_at = now() - interval '731 days'");
      return keyed(as.service, {}, smaller);
    },
    row: ['core.outcomes_archive', { state: 'archived', command_type: 'create_scope', actor_id: users.ann }],
  },
  {
    rpc: 'core_migration_step_v1',
    code: 'migration_started',
    arrange: (scene) => migrating(scene, 0),
    changes: ['core_migrations', 'core_snapshots'],
    row: ['core_migrations', { step: 'apply', state: 'running', checkpoint: 0 }],
    says: { step: 'snapshot' },
  },
  {
    rpc: 'core_migration_step_v1',
    code: 'migration_applied',
    arrange: (scene) => migrating(scene, 1),
    changes: ['core_migrations', 'core_events'],
    row: ['core_migrations', { step: 'verify', state: 'running', checkpoint: 2 }],
    says: { step: 'apply', from: 1, checkpoint: 2 },
  },
  {
    rpc: 'core_migration_step_v1',
    code: 'migration_finished',
    arrange: (scene) => migrating(scene, 2),
    changes: ['core_migrations'],
    row: journal('migration', 'done'),
    says: { step: 'finished' },
  },
  {
    rpc: 'core_set_setting_v1',
    code: 'setting_set',
    changes: ['core.settings', 'core_admin_actions'],
    says: { name: 'dm_self_allowed', value: 1 },
    arrange: async () => keyed(as.service, { p_name: 'dm_self_allowed', p_value: 1, ...reason }, { p_value: 0 }),
    row: ['core.settings', { name: 'dm_self_allowed', value: 1 }],
  },
];
