/** Refusals of the calls of users: messages, reads, receipts, creation. */

import { noSub } from '../../../fixtures/act/personas.ts';
import { message } from './acts.ts';
import type { Ground } from './ground.ts';
import { type Refusal, refusals } from './refusals.ts';
import { as, key, missing, users } from './scene.ts';

const inFrozen = ({ scopes }: Ground) => ({ p_scope: scopes.frozen });
const minutes = (count: number) => new Date(Date.now() + count * 60_000).toISOString();
const deletion = (over: object) => ({
  p_command_type: 'message_delete',
  p_payload: { target_seq: 2, reason_code: 'other', ...over },
});

export const ofUsers: readonly Refusal[] = [
  ...refusals('core_create_or_get_dm_v1', as.ann, { p_other_user: users.bob }, [
    ['user_not_found', { p_other_user: missing }],
    ['dm_self_not_allowed', { p_other_user: users.ann }],
  ]),
  ...refusals('core_append_event_v1', as.bob, ({ scopes }) => message(scopes.group), [
    ['not_supported', { p_command_type: 'batch' }],
    ['command_type_invalid', { p_command_type: 'message_shout' }],
    ['payload_invalid', { p_payload: ['no', 'object'] }],
    ['payload_too_large', { p_payload: { body: Array.from({ length: 20_000 }, (_, n) => n) } }],
    ['client_ts_invalid', { p_client_ts: 'infinity' }],
    ['argument_too_long', { p_trace_id: 'x'.repeat(129) }],
    ['clock_skew', () => ({ p_client_ts: minutes(6) })],
    ['target_not_found', { p_command_type: 'reaction_add', p_payload: { target_seq: 99 } }],
    ['not_permitted', { p_command_type: 'message_edit', p_payload: { target_seq: 1 } }],
    ['reason_code_invalid', deletion({ reason_code: 'because' }), as.ann],
    ['reason_text_required', deletion({ reason_text: ' ' }), as.ann],
    ['reason_text_too_long', deletion({ reason_text: 'x'.repeat(501) }), as.ann],
    ['reason_text_personal_data', deletion({ reason_text: 'call +44 20 7946 0958' }), as.ann],
    ['scope_not_found', {}, as.dan],
    ['membership_revoked', {}, as.cat],
    ['scope_read_only', inFrozen, as.ann],
  ]),
  ...refusals(
    'core_query_timeline_v1',
    as.bob,
    ({ scopes }) => ({ p_scope: scopes.group }),
    [
      ['unauthenticated', {}, noSub()],
      ['limit_exceeded', { p_limit: 201 }],
      ['lookback_exceeded', { p_lookback_days: 31 }],
      ['limit_invalid', { p_limit: 0 }],
      ['scope_not_found', {}, as.dan],
      ['membership_revoked', {}, as.cat],
      ['scope_unavailable', ({ scopes }) => ({ p_scope: scopes.full }), as.ann],
    ],
    false,
  ),
  ...refusals(
    'core_get_dialog_metadata_v1',
    as.ann,
    ({ scopes }) => ({ p_scopes: `{${scopes.group}}` }),
    [
      ['unauthenticated', {}, noSub()],
      ['limit_exceeded', { p_scopes: `{${Array(201).fill(missing).join()}}` }],
    ],
    false,
  ),
  ...refusals(
    'core_create_scope_v1',
    as.ann,
    { p_scope_type: 'group', p_visibility: 'private', p_join_mode: 'invite_only' },
    [
      ['scope_type_invalid', { p_scope_type: 'dm' }],
      ['policy_value_invalid', { p_approval_quorum: 11 }],
      ['policy_combination_invalid', { p_join_mode: 'open' }],
      ['invite_ttl_required', { p_invite_ttl_hours: null }],
    ],
  ),
  ...refusals(
    'core_command_status_v1',
    as.ann,
    ({ scopes }) => ({ p_scope: scopes.group, p_command_type: 'message_send' }),
    [
      ['unauthenticated', {}, noSub()],
      ['invalid_key', { p_key: 'anything' }],
      ['outcome_not_found', () => ({ p_key: key() })],
    ],
  ),
  ...refusals('core_ack_v1', as.bob, ({ scopes }) => ({ p_scope: scopes.group, p_delivered_seq: 1, p_read_seq: 1 }), [
    ['ack_out_of_range', { p_delivered_seq: 3 }],
    ['ack_invalid', { p_read_seq: 2 }],
    ['scope_not_found', {}, as.dan],
    ['membership_revoked', {}, as.cat],
    ['scope_read_only', inFrozen, as.ann],
  ]),
  ...refusals('core_report_missing_v1', as.bob, ({ scopes }) => ({ p_scope: scopes.group, p_ranges: [[1, 2]] }), [
    ['ranges_invalid', { p_ranges: [[2, 1]] }],
    ['ranges_exceeded', { p_ranges: Array.from({ length: 21 }, (_, n) => [2 * n + 1, 2 * n + 1]) }],
    ['ranges_unrealistic', { p_ranges: [[1, 3]] }],
    ['scope_not_found', {}, as.dan],
    ['membership_revoked', {}, as.cat],
    ['scope_read_only', inFrozen, as.ann],
  ]),
];
