/** Refusals of the calls of operations: policies, size, maintenance, rebuilds, purges, migrations, settings. */

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import type { Ground } from './ground.ts';
import { type Refusal, reasons, refusals } from './refusals.ts';
import { as, missing, operator, reason, users } from './scene.ts';
import type { Arguments } from './statements.ts';

const nowhere = { p_scope: missing };
const at =
  (name: keyof Ground['scopes'], over: Arguments = {}) =>
  ({ scopes }: Ground) => ({ p_scope: scopes[name], ...over });

const fields = {
  visibility: 'private',
  join_mode: 'invite_only',
  delivery_strategy: 'fanout_on_write',
  approval_roles: ['owner'],
  approval_quorum: 1,
  self_join_enabled: false,
  invite_ttl: 24,
  data_classification_defaults: 'normal',
};
/** The fields with some of them changed, and their right hash. */
const policy = (over: object = {}): Arguments => {
  const p_policy = { ...fields, ...over };
  return {
    p_policy,
    p_policy_hash: createHash('sha256')
      .update(String(canonicalize(p_policy)))
      .digest('hex'),
  };
};

export const ofOperations: readonly Refusal[] = [
  ...refusals('core_update_policy_v1', as.service, at('group', { ...policy(), ...reason }), [
    ['scope_not_found', nowhere],
    ['policy_fields_invalid', policy({ ninth: 9 })],
    ['policy_value_invalid', policy({ approval_quorum: 11 })],
    ['policy_combination_invalid', policy({ join_mode: 'open' })],
    ['invite_ttl_required', policy({ invite_ttl: null })],
    ['fanout_on_read_required', at('large', policy({ visibility: 'public', join_mode: 'open' }))],
    ['policy_hash_mismatch', { p_policy_hash: '0'.repeat(64) }],
    ['visibility_transition_invalid', policy({ visibility: 'public', join_mode: 'approval' })],
    ['freeze_required', policy({ delivery_strategy: 'fanout_on_read' })],
    ['scope_read_only', at('readOnly')],
    ...reasons,
  ]),
  ...refusals('core_mark_large_v1', as.service, at('open', { p_is_large: true, ...reason }), [
    ['scope_not_found', nowhere],
    ['not_applicable', at('group')],
    ['fanout_on_read_required'],
    ...reasons,
  ]),
  ...refusals('core_set_maintenance_v1', as.service, at('group', { p_mode: 'write_freeze', ...reason }), [
    ['scope_not_found', nowhere],
    ['maintenance_transition_invalid', { p_mode: 'read_only_safe' }],
    ['maintenance_rate_exceeded', at('restless', { p_mode: 'normal' })],
    ['work_in_progress', at('migrating')],
    ['approvals_required', at('frozen', { p_mode: 'maintenance_full' })],
    ['rebuild_required', at('stale', { p_mode: 'normal' })],
    ...reasons,
  ]),
  ...refusals(
    'core_approve_maintenance_v1',
    operator(users.cat),
    at('group', { p_mode: 'maintenance_full', ...reason }),
    [
      ['operator_unknown', {}, as.service],
      ['not_applicable', { p_mode: 'normal' }],
      ['scope_not_found', nowhere],
      ...reasons,
    ],
  ),
  ...refusals('core_rebuild_projection_v1', as.service, at('group'), [
    ['batch_invalid', { p_batch: 0 }],
    ['scope_not_found', nowhere],
  ]),
  ...refusals('core_purge_retention_v1', as.service, at('group'), [
    ['batch_invalid', { p_batch: 100_001 }],
    ['scope_not_found', nowhere],
    ['scope_read_only', at('readOnly')],
  ]),
  ...['core_expire_invites_v1', 'core_purge_rate_limits_v1', 'core_archive_outcomes_v1'].flatMap((rpc) =>
    refusals(rpc, as.service, {}, [['batch_invalid', { p_batch: null }]]),
  ),
  ...refusals('core_migration_step_v1', as.service, at('readOnly', { p_migration: 'rehash_payloads' }), [
    ['batch_invalid', { p_batch: -1 }],
    ['migration_unknown', { p_migration: 'another' }],
    ['scope_not_found', nowhere],
    ['read_only_required', at('group')],
  ]),
  ...refusals('core_set_setting_v1', as.service, { p_name: 'dm_self_allowed', p_value: 1, ...reason }, [
    ['setting_unknown', { p_name: 'more' }],
    ['setting_invalid', { p_value: -1 }],
    ...reasons,
  ]),
];
