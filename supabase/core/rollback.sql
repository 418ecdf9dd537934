-- Takes the core back, whole: calls, what they are made of, tables, guards, schema. Nothing cascades: what somebody built on the
-- core stops the rollback instead of vanishing with it.

DROP FUNCTION IF EXISTS public.core_set_setting_v1(text, integer, text, text, text);
DROP FUNCTION IF EXISTS public.core_migration_step_v1(uuid, text, text, integer);
DROP FUNCTION IF EXISTS public.core_archive_outcomes_v1(text, integer);
DROP FUNCTION IF EXISTS public.core_purge_rate_limits_v1(text, integer);
DROP FUNCTION IF EXISTS public.core_expire_invites_v1(text, integer);
DROP FUNCTION IF EXISTS public.core_purge_retention_v1(uuid, text, integer);
DROP FUNCTION IF EXISTS public.core_rebuild_projection_v1(uuid, text, integer);
DROP FUNCTION IF EXISTS public.core_approve_maintenance_v1(uuid, text, text, text, text);
DROP FUNCTION IF EXISTS public.core_set_maintenance_v1(uuid, text, text, text, text);
DROP FUNCTION IF EXISTS public.core_mark_large_v1(uuid, boolean, text, text, text);
DROP FUNCTION IF EXISTS public.core_update_policy_v1(uuid, jsonb, text, text, text, text);
DROP FUNCTION IF EXISTS public.core_change_membership_v1(uuid, uuid, text, text, text, text, text);
DROP FUNCTION IF EXISTS public.core_reject_invite_v1(uuid, text);
DROP FUNCTION IF EXISTS public.core_accept_invite_v1(uuid, text);
DROP FUNCTION IF EXISTS public.core_invite_v1(uuid, uuid, text);
DROP FUNCTION IF EXISTS public.core_report_missing_v1(uuid, jsonb, text, text);
DROP FUNCTION IF EXISTS public.core_ack_v1(uuid, bigint, bigint, text);
DROP FUNCTION IF EXISTS public.core_command_status_v1(uuid, text, text);
DROP FUNCTION IF EXISTS public.core_get_dialog_metadata_v1(uuid[]);
DROP FUNCTION IF EXISTS public.core_query_timeline_v1(uuid, bigint, integer, integer, text);
DROP FUNCTION IF EXISTS public.core_append_event_v1(uuid, text, jsonb, text, timestamptz, text, text);
DROP FUNCTION IF EXISTS public.core_create_or_get_dm_v1(uuid, text);
DROP FUNCTION IF EXISTS public.core_create_scope_v1(text, text, text, text, text, text, integer, text[], integer, boolean);

DROP FUNCTION IF EXISTS core.migrate_on(public.core_scopes, public.core_migrations, integer);
DROP FUNCTION IF EXISTS core.rehash_batch(uuid, bigint, bigint);
DROP FUNCTION IF EXISTS core.archive_batch(integer);
DROP FUNCTION IF EXISTS core.purge_batch(uuid, integer);
DROP FUNCTION IF EXISTS core.begin_rebuild(uuid);
DROP FUNCTION IF EXISTS core.project_batch(uuid, bigint, bigint);
DROP FUNCTION IF EXISTS core.advance_journal(uuid, text, text, bigint);
DROP FUNCTION IF EXISTS core.journal_of(uuid, text, text, text);
DROP FUNCTION IF EXISTS core.maintenance_refusal(public.core_scopes, text);
DROP FUNCTION IF EXISTS core.approvals_of(uuid, text);
DROP FUNCTION IF EXISTS core.take_snapshot(uuid);
DROP FUNCTION IF EXISTS core.enforce_policy(public.core_scopes, jsonb, text);
DROP FUNCTION IF EXISTS core.transition_refusal(public.core_scopes, jsonb);
DROP FUNCTION IF EXISTS core.membership_reply(public.core_scopes, public.core_members, uuid, text, text);
DROP FUNCTION IF EXISTS core.set_role(public.core_scopes, public.core_members, uuid, text);
DROP FUNCTION IF EXISTS core.is_last_owner(uuid);
DROP FUNCTION IF EXISTS core.remove_member(public.core_scopes, public.core_members, uuid);
DROP FUNCTION IF EXISTS core.approve_join(public.core_scopes, public.core_members, uuid);
DROP FUNCTION IF EXISTS core.request_join(public.core_scopes, public.core_members);
DROP FUNCTION IF EXISTS core.entry_refusal(public.core_scopes, public.core_members);
DROP FUNCTION IF EXISTS core.join_self(public.core_scopes, public.core_members);
DROP FUNCTION IF EXISTS core.answer_invite(uuid, text, boolean);
DROP FUNCTION IF EXISTS core.decide_invite(uuid, text);
DROP FUNCTION IF EXISTS core.answer_refusal(public.core_invites, public.core_scopes);
DROP FUNCTION IF EXISTS core.locked_invite(uuid);
DROP FUNCTION IF EXISTS core.invite_refusal(public.core_scopes, public.core_members, uuid);
DROP FUNCTION IF EXISTS core.issue_invite(public.core_scopes, uuid, uuid);
DROP FUNCTION IF EXISTS core.resync_offer(uuid, jsonb);
DROP FUNCTION IF EXISTS core.ranges_refusal(jsonb, bigint);
DROP FUNCTION IF EXISTS core.write_receipt(public.core_members, bigint, bigint);
DROP FUNCTION IF EXISTS core.dialog_of(public.core_members, public.core_scopes);
DROP FUNCTION IF EXISTS core.live_unread(uuid, uuid, bigint, bigint);
DROP FUNCTION IF EXISTS core.timeline_refusal(uuid, integer, integer, text);
DROP FUNCTION IF EXISTS core.first_seq_since(uuid, timestamptz);
DROP FUNCTION IF EXISTS core.timeline_events(uuid, bigint, bigint, integer, integer);
DROP FUNCTION IF EXISTS core.write_event(public.core_scopes, core.command, jsonb, timestamptz, text, text);
DROP FUNCTION IF EXISTS core.project_event(public.core_scopes, bigint, core.command, timestamptz);
DROP FUNCTION IF EXISTS core.mark_target(uuid, text, jsonb);
DROP FUNCTION IF EXISTS core.target_refusal(public.core_members, text, jsonb);
DROP FUNCTION IF EXISTS core.clock_refusal(timestamptz);
DROP FUNCTION IF EXISTS core.append_arguments_refusal(text, jsonb, timestamptz, text, text);
DROP FUNCTION IF EXISTS core.allocate_seq(uuid);
DROP FUNCTION IF EXISTS core.dm_of_pair(uuid, uuid);
DROP FUNCTION IF EXISTS core.join_refusal(public.core_scopes);
DROP FUNCTION IF EXISTS core.add_member(uuid, uuid, text);
DROP FUNCTION IF EXISTS core.create_scope(text, jsonb, uuid[], uuid, uuid);
DROP FUNCTION IF EXISTS core.write_policy(uuid, integer, jsonb, text);
DROP FUNCTION IF EXISTS core.policy_well_formed(jsonb);
DROP FUNCTION IF EXISTS core.policy_refusal(text, boolean, jsonb);
DROP FUNCTION IF EXISTS core.policy_in_force(uuid);
DROP FUNCTION IF EXISTS core.log_action(uuid, text, text, text, jsonb);
DROP FUNCTION IF EXISTS core.reason_refusal(text, text);
DROP FUNCTION IF EXISTS core.write_refusal(text);
DROP FUNCTION IF EXISTS core.batch_refusal(integer);
DROP FUNCTION IF EXISTS core.absent_refusal(public.core_scopes);
DROP FUNCTION IF EXISTS core.member_refusal(public.core_members);
DROP FUNCTION IF EXISTS core.member_of(uuid, uuid);
DROP FUNCTION IF EXISTS core.locked_scope(core.command);
DROP FUNCTION IF EXISTS core.close_command(core.command, jsonb);
DROP FUNCTION IF EXISTS core.open_service_command(uuid, text, text, jsonb);
DROP FUNCTION IF EXISTS core.open_user_command(uuid, text, text, jsonb, text);
DROP FUNCTION IF EXISTS core.open_command(uuid, text, text, jsonb, text[], text[]);
DROP FUNCTION IF EXISTS core.earlier_reply(core.command);
DROP FUNCTION IF EXISTS core.archived_outcome(core.command);
DROP FUNCTION IF EXISTS core.open_archive_breaker();
DROP FUNCTION IF EXISTS core.device_subject(uuid, text);
DROP FUNCTION IF EXISTS core.rate_refusal(text[], text[]);
DROP FUNCTION IF EXISTS core.unused_slot(text, text, integer);
DROP FUNCTION IF EXISTS core.take_slot(text, text);
DROP FUNCTION IF EXISTS core.visible_seq(uuid);
DROP FUNCTION IF EXISTS core.forbid(text, uuid, text, text);
DROP FUNCTION IF EXISTS core.setting(text);
DROP FUNCTION IF EXISTS core.is_migrating(uuid);
DROP FUNCTION IF EXISTS core.refused(text, jsonb);
DROP FUNCTION IF EXISTS core.done(text, jsonb);
DROP FUNCTION IF EXISTS core.role_rank(text);
DROP FUNCTION IF EXISTS core.retention_days(text);
DROP FUNCTION IF EXISTS core.combination_allowed(text, text, text);
DROP FUNCTION IF EXISTS core.normalized_key(text);
DROP FUNCTION IF EXISTS core.policy_hash(jsonb);
DROP FUNCTION IF EXISTS core.is_hashable(jsonb);
DROP FUNCTION IF EXISTS core.hash_of(jsonb);
DROP FUNCTION IF EXISTS core.canonical_json(jsonb);
DROP FUNCTION IF EXISTS core.canonical_number(numeric);

DROP TABLE IF EXISTS
  public.core_rate_limits,
  public.core_admin_actions,
  public.core_projection_watermarks,
  public.core_projections,
  public.core_migrations,
  public.core_snapshots,
  public.core_invites,
  public.core_members,
  public.core_outcomes,
  public.core_events,
  public.core_policies,
  public.core_scopes,
  core.breakers,
  core.settings;

DROP FUNCTION IF EXISTS core.readable_seq(uuid);
DROP FUNCTION IF EXISTS core.is_joined(uuid);
DROP FUNCTION IF EXISTS core.guard_retention();
DROP FUNCTION IF EXISTS core.guard_removal();
DROP FUNCTION IF EXISTS core.guard_membership();
DROP FUNCTION IF EXISTS core.guard_clock_skew();
DROP FUNCTION IF EXISTS core.guard_policy_valid();
DROP FUNCTION IF EXISTS core.guard_dm_canonical();
DROP FUNCTION IF EXISTS core.guard_policy_version();
DROP FUNCTION IF EXISTS core.guard_watermarks();
DROP FUNCTION IF EXISTS core.guard_receipts();
DROP FUNCTION IF EXISTS core.guard_event_seq();
DROP FUNCTION IF EXISTS core.guard_identity_immutable();
DROP FUNCTION IF EXISTS core.guard_policies_immutable();
DROP FUNCTION IF EXISTS core.guard_events_immutable();
DROP FUNCTION IF EXISTS core.holds_personal_data(text);

DROP TYPE IF EXISTS core.command;

DROP SCHEMA IF EXISTS core;
