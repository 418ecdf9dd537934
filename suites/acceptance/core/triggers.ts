/** For each trigger of the core a statement of the schema's owner that it alone refuses. */

import { users } from './scene.ts';

export interface Trigger {
  /** Of `public` where it is not said. */
  readonly schema?: string;
  readonly table: string;
  readonly name: string;
  /** On Ann's group with Bob and one message of hers, and their direct message. */
  readonly statement: string;
}

/** The one row of `table` once more, with other values. */
const copy = (table: string, changed: Readonly<Record<string, unknown>>, where = 'true') =>
  `INSERT INTO public.${table} SELECT (jsonb_populate_record(t, '${JSON.stringify(changed)}')).* FROM public.${table} AS t WHERE ${where}`;
const update = (table: string, change: string, where = 'true') => `UPDATE public.${table} SET ${change} WHERE ${where}`;

const isGroup = "scope_type = 'group'";
const ofGroup = `scope_id IN (SELECT id FROM public.core_scopes WHERE ${isGroup})`;
const isBob = `${ofGroup} AND user_id = '${users.bob}'`;
const other = 'dddddddd-0000-4000-8000-000000000001';
/** The hash of the group's policy with a quorum of two. */
const hashed =
  '(SELECT core.policy_hash(to_jsonb(p) || \'{"approval_quorum": 2}\') FROM public.core_policies AS p WHERE ' +
  ofGroup +
  ')';

const refusing: readonly Trigger[] = [
  { table: 'core_events', name: 'guard_events_immutable', statement: update('core_events', "payload = '{}'") },
  { table: 'core_events', name: 'guard_events_kept', statement: 'TRUNCATE public.core_events' },
  { table: 'core_events', name: 'guard_event_seq', statement: copy('core_events', { event_seq: 5 }) },
  {
    table: 'core_events',
    name: 'guard_clock_skew',
    statement: copy('core_events', { event_seq: 2, client_ts: '2001-01-01' }),
  },
  { table: 'core_events', name: 'guard_retention', statement: 'DELETE FROM public.core_events' },
  { table: 'core_outcomes', name: 'guard_outcomes_kept', statement: 'DELETE FROM public.core_outcomes' },
  { table: 'core_outcomes', name: 'guard_outcomes_not_emptied', statement: 'TRUNCATE public.core_outcomes' },
  { schema: 'core', table: 'outcomes_hot', name: 'guard_hot_not_emptied', statement: 'TRUNCATE core.outcomes_hot' },
  {
    ...{ schema: 'core', table: 'outcomes_archive', name: 'guard_archive_not_emptied' },
    statement: 'TRUNCATE core.outcomes_archive',
  },
  {
    table: 'core_policies',
    name: 'guard_policies_immutable',
    statement: update('core_policies', 'approval_quorum = 2'),
  },
  { table: 'core_policies', name: 'guard_policies_kept', statement: 'TRUNCATE public.core_policies CASCADE' },
  {
    table: 'core_policies',
    name: 'guard_policy_version',
    statement: `INSERT INTO public.core_policies
      SELECT (jsonb_populate_record(t, jsonb_build_object('version', 3, 'approval_quorum', 2, 'policy_hash', ${hashed}))).*
      FROM public.core_policies AS t WHERE ${ofGroup}`,
  },
  {
    table: 'core_policies',
    name: 'guard_policy_valid',
    statement: copy('core_policies', { version: 2, policy_hash: '0'.repeat(64) }, ofGroup),
  },
  { table: 'core_scopes', name: 'guard_scope_identity', statement: update('core_scopes', `created_by = '${other}'`) },
  {
    table: 'core_scopes',
    name: 'guard_scope_seq_starts',
    statement: copy('core_scopes', { id: other, scope_max_seq: 5 }, isGroup),
  },
  {
    table: 'core_scopes',
    name: 'guard_scope_seq_rises',
    statement: update('core_scopes', 'scope_max_seq = scope_max_seq + 2'),
  },
  {
    table: 'core_scopes',
    name: 'guard_scope_seq_taken',
    statement: update('core_scopes', 'scope_max_seq = scope_max_seq + 1'),
  },
  { table: 'core_scopes', name: 'guard_scope_policy_version', statement: update('core_scopes', 'policy_version = 3') },
  { table: 'core_scopes', name: 'guard_scope_policy_valid', statement: update('core_scopes', "join_mode = 'open'") },
  {
    table: 'core_scopes',
    name: 'guard_dm_canonical',
    statement: copy('core_scopes', { id: other, dm_user_low: users.dan, dm_user_high: users.cat }, "scope_type = 'dm'"),
  },
  {
    table: 'core_members',
    name: 'guard_member_identity',
    statement: update('core_members', `user_id = '${users.dan}'`, isBob),
  },
  {
    table: 'core_members',
    name: 'guard_receipts',
    statement: update('core_members', 'last_delivered_seq = 99', isBob),
  },
  {
    table: 'core_members',
    name: 'guard_membership',
    statement: copy(
      'core_members',
      { user_id: users.dan, state: 'removed', removed_at: '2025-01-01', removed_by: users.dan },
      isBob,
    ),
  },
  {
    table: 'core_members',
    name: 'guard_membership_change',
    statement: update('core_members', "state = 'invited'", isBob),
  },
  {
    table: 'core_projection_watermarks',
    name: 'guard_watermarks',
    statement: update('core_projection_watermarks', 'dialogs_watermark_seq = 0', ofGroup),
  },
];

/** What does not refuse: it takes the pointers and the projection of who is removed. */
const cleaning: Trigger = {
  table: 'core_members',
  name: 'clean_up_removal',
  statement: update('core_members', `state = 'removed', removed_at = now(), removed_by = '${users.ann}'`, isBob),
};

export const triggers = { refusing, cleaning } as const;
