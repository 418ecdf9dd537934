-- The tables of the core, with what a row may be. No client role holds anything on them until the RLS migration says so.

CREATE TABLE public.core_scopes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scope_type text NOT NULL
    CONSTRAINT core_scopes_scope_type CHECK (scope_type IN ('dm', 'group', 'channel', 'service')),
  visibility text NOT NULL
    CONSTRAINT core_scopes_visibility CHECK (visibility IN ('public', 'private', 'unlisted')),
  join_mode text NOT NULL
    CONSTRAINT core_scopes_join_mode CHECK (join_mode IN ('open', 'approval', 'invite_only')),
  delivery_strategy text NOT NULL DEFAULT 'fanout_on_write'
    CONSTRAINT core_scopes_delivery_strategy CHECK (delivery_strategy IN ('fanout_on_write', 'fanout_on_read')),
  policy_version integer NOT NULL DEFAULT 1
    CONSTRAINT core_scopes_policy_version CHECK (policy_version >= 1),
  policy_hash text NOT NULL
    CONSTRAINT core_scopes_policy_hash CHECK (policy_hash ~ '^[0-9a-f]{64}$'),
  dm_user_low uuid,
  dm_user_high uuid,
  system_mode text NOT NULL DEFAULT 'normal'
    CONSTRAINT core_scopes_system_mode
    CHECK (system_mode IN ('normal', 'maintenance_write_freeze', 'read_only_safe', 'maintenance_full')),
  data_classification text NOT NULL DEFAULT 'normal'
    CONSTRAINT core_scopes_data_classification CHECK (data_classification IN ('normal', 'sensitive', 'regulated')),
  invite_ttl_hours integer DEFAULT 168
    CONSTRAINT core_scopes_invite_ttl_hours CHECK (invite_ttl_hours BETWEEN 1 AND 8760),
  scope_max_seq bigint NOT NULL
    CONSTRAINT core_scopes_scope_max_seq CHECK (scope_max_seq >= 0),
  member_count integer NOT NULL DEFAULT 0
    CONSTRAINT core_scopes_member_count CHECK (member_count >= 0),
  is_large boolean NOT NULL DEFAULT false,
  created_by uuid NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT core_scopes_dm_pair CHECK (
    (scope_type = 'dm' AND dm_user_low IS NOT NULL AND dm_user_high IS NOT NULL)
    OR (scope_type <> 'dm' AND dm_user_low IS NULL AND dm_user_high IS NULL)
  ),
  CONSTRAINT core_scopes_private_ttl CHECK (visibility <> 'private' OR invite_ttl_hours IS NOT NULL),
  CONSTRAINT core_scopes_large_delivery CHECK (NOT is_large OR delivery_strategy = 'fanout_on_read')
) WITH (fillfactor = 70);
COMMENT ON TABLE public.core_scopes IS 'Direct messages, groups, channels and services, with the policy in force and the last sequence number.';

CREATE UNIQUE INDEX core_scopes_one_dm_per_pair
ON public.core_scopes (dm_user_low, dm_user_high)
WHERE scope_type = 'dm';

CREATE TABLE public.core_policies (
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  version integer NOT NULL
    CONSTRAINT core_policies_version CHECK (version >= 1),
  visibility text NOT NULL
    CONSTRAINT core_policies_visibility CHECK (visibility IN ('public', 'private', 'unlisted')),
  join_mode text NOT NULL
    CONSTRAINT core_policies_join_mode CHECK (join_mode IN ('open', 'approval', 'invite_only')),
  delivery_strategy text NOT NULL
    CONSTRAINT core_policies_delivery_strategy CHECK (delivery_strategy IN ('fanout_on_write', 'fanout_on_read')),
  approval_roles text[] NOT NULL DEFAULT '{owner,admin}'
    CONSTRAINT core_policies_approval_roles CHECK (approval_roles <@ '{owner,admin,moderator,member}'::text[]),
  approval_quorum integer NOT NULL DEFAULT 1
    CONSTRAINT core_policies_approval_quorum CHECK (approval_quorum BETWEEN 1 AND 10),
  self_join_enabled boolean NOT NULL DEFAULT false,
  invite_ttl integer
    CONSTRAINT core_policies_invite_ttl CHECK (invite_ttl BETWEEN 1 AND 8760),
  data_classification_defaults text NOT NULL DEFAULT 'normal'
    CONSTRAINT core_policies_data_classification_defaults
    CHECK (data_classification_defaults IN ('normal', 'sensitive', 'regulated')),
  policy_hash text NOT NULL
    CONSTRAINT core_policies_policy_hash CHECK (policy_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope_id, version),
  CONSTRAINT core_policies_hash_of_version UNIQUE (scope_id, version, policy_hash)
);
COMMENT ON TABLE public.core_policies IS 'Every version of every scope''s policy: the eight fields that affect it, and their hash. Immutable.';

-- Deferred: a scope and its first policy are made in one transaction, the scope first.
ALTER TABLE public.core_scopes
ADD CONSTRAINT core_scopes_policy_in_force
FOREIGN KEY (id, policy_version, policy_hash)
REFERENCES public.core_policies (scope_id, version, policy_hash)
DEFERRABLE INITIALLY DEFERRED;

-- No reference to auth.users where history is kept: it outlives accounts.
CREATE TABLE public.core_events (
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  event_seq bigint NOT NULL
    CONSTRAINT core_events_event_seq CHECK (event_seq >= 1),
  actor_id uuid NOT NULL,
  command_type text NOT NULL
    CONSTRAINT core_events_command_type
    CHECK (command_type IN ('message_send', 'message_edit', 'message_delete', 'reaction_add', 'reaction_remove')),
  event_idempotency_key text NOT NULL
    CONSTRAINT core_events_key_normalized
    CHECK (event_idempotency_key ~ '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25})$'),
  payload jsonb NOT NULL,
  payload_hash text NOT NULL
    CONSTRAINT core_events_payload_hash CHECK (payload_hash ~ '^[0-9a-f]{64}$'),
  trace_id text
    CONSTRAINT core_events_trace_id CHECK (char_length(trace_id) <= 128),
  device_id text
    CONSTRAINT core_events_device_id CHECK (char_length(device_id) <= 128),
  client_ts timestamptz NOT NULL,
  server_time timestamptz NOT NULL DEFAULT clock_timestamp(),
  classification text NOT NULL
    CONSTRAINT core_events_classification CHECK (classification IN ('normal', 'sensitive', 'regulated')),
  edited_at timestamptz,
  edit_count integer NOT NULL DEFAULT 0
    CONSTRAINT core_events_edit_count CHECK (edit_count >= 0),
  deleted_at timestamptz,
  deleted_by uuid,
  CONSTRAINT core_events_scope_seq PRIMARY KEY (scope_id, event_seq),
  CONSTRAINT core_events_edited CHECK ((edit_count > 0) = (edited_at IS NOT NULL)),
  CONSTRAINT core_events_deleted CHECK ((deleted_at IS NULL) = (deleted_by IS NULL))
);
COMMENT ON TABLE public.core_events IS 'The append-only log of each scope, numbered without gaps.';

CREATE INDEX core_events_unread ON public.core_events (scope_id, event_seq) INCLUDE (actor_id) WHERE command_type = 'message_send';
CREATE INDEX core_events_retention ON public.core_events (scope_id, classification, server_time, event_seq);

CREATE TABLE public.core_outcomes (
  tier text NOT NULL DEFAULT 'hot'
    CONSTRAINT core_outcomes_tier CHECK (tier IN ('hot', 'archive')),
  actor_id uuid,
  scope_id uuid,
  command_type text NOT NULL,
  event_idempotency_key text NOT NULL
    CONSTRAINT core_outcomes_key_normalized
    CHECK (event_idempotency_key ~ '^([0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-7][0-9A-HJKMNP-TV-Z]{25})$'),
  state text NOT NULL DEFAULT 'committed'
    CONSTRAINT core_outcomes_state CHECK (state IN ('committed', 'archived')),
  outcome jsonb NOT NULL,
  code text NOT NULL,
  payload_hash text NOT NULL
    CONSTRAINT core_outcomes_payload_hash CHECK (payload_hash ~ '^[0-9a-f]{64}$'),
  created_at timestamptz NOT NULL DEFAULT now(),
  archived_at timestamptz,
  CONSTRAINT core_outcomes_archived CHECK ((tier = 'archive') = (archived_at IS NOT NULL) AND (tier = 'archive') = (state = 'archived')),
  -- The key first: actor and scope are compared by IS NOT DISTINCT FROM, which no index takes as its condition.
  CONSTRAINT core_outcomes_identity UNIQUE NULLS NOT DISTINCT (event_idempotency_key, command_type, actor_id, scope_id, tier)
) PARTITION BY LIST (tier);
COMMENT ON TABLE public.core_outcomes IS 'What each command answered, by identity: hot for 730 days, then in the archive for ever.';

CREATE TABLE core.outcomes_hot PARTITION OF public.core_outcomes FOR VALUES IN ('hot');
CREATE TABLE core.outcomes_archive PARTITION OF public.core_outcomes FOR VALUES IN ('archive');
CREATE INDEX outcomes_hot_age ON core.outcomes_hot (created_at);
CREATE INDEX core_outcomes_of_actor ON public.core_outcomes (actor_id);

-- A deleted account takes its memberships along, past the rules for owners: whoever deletes accounts lets them leave first.
CREATE TABLE public.core_members (
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member'
    CONSTRAINT core_members_role CHECK (role IN ('owner', 'admin', 'moderator', 'member')),
  state text NOT NULL DEFAULT 'joined'
    CONSTRAINT core_members_state CHECK (state IN ('joined', 'invited', 'removed')),
  last_read_seq bigint NOT NULL DEFAULT 0
    CONSTRAINT core_members_last_read_seq CHECK (last_read_seq >= 0),
  last_delivered_seq bigint NOT NULL DEFAULT 0,
  missing_from_seq bigint
    CONSTRAINT core_members_missing_from_seq CHECK (missing_from_seq >= 1),
  joined_at timestamptz NOT NULL DEFAULT now(),
  removed_at timestamptz,
  removed_by uuid,
  PRIMARY KEY (scope_id, user_id),
  CONSTRAINT core_members_read_after_delivered CHECK (last_read_seq <= last_delivered_seq),
  CONSTRAINT core_members_removed_at CHECK ((state = 'removed') = (removed_at IS NOT NULL)),
  CONSTRAINT core_members_removed_by CHECK ((removed_at IS NULL) = (removed_by IS NULL))
);
COMMENT ON TABLE public.core_members IS 'Who belongs to which scope, in which role, and how far they have received and read.';

CREATE INDEX core_members_joined ON public.core_members (user_id, scope_id) WHERE state = 'joined';

CREATE TABLE public.core_invites (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  invited_user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  inviter_id uuid NOT NULL,
  policy_version integer NOT NULL,
  policy_hash text NOT NULL,
  status text NOT NULL DEFAULT 'pending'
    CONSTRAINT core_invites_status CHECK (status IN ('pending', 'accepted', 'rejected', 'expired', 'revoked')),
  approved_by uuid[] NOT NULL DEFAULT '{}',
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  decided_at timestamptz,
  CONSTRAINT core_invites_policy_at_issue
  FOREIGN KEY (scope_id, policy_version, policy_hash)
  REFERENCES public.core_policies (scope_id, version, policy_hash)
);
COMMENT ON TABLE public.core_invites IS 'Invitations, and requests to join, which their own subject makes; each holds the policy under which it was issued.';

CREATE UNIQUE INDEX core_invites_one_pending ON public.core_invites (scope_id, invited_user_id) WHERE status = 'pending';
CREATE INDEX core_invites_expiring ON public.core_invites (expires_at) WHERE status = 'pending';
CREATE INDEX core_invites_of_user ON public.core_invites (invited_user_id);

CREATE TABLE public.core_snapshots (
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  snapshot_seq bigint NOT NULL
    CONSTRAINT core_snapshots_snapshot_seq CHECK (snapshot_seq >= 0),
  state jsonb NOT NULL,
  state_hash text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (scope_id, snapshot_seq)
);
COMMENT ON TABLE public.core_snapshots IS 'The state of a scope at a sequence number: to what reads hold while the scope is read_only_safe. Rebuilds start from the log.';

CREATE TABLE public.core_migrations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  kind text NOT NULL
    CONSTRAINT core_migrations_kind CHECK (kind IN ('migration', 'projection_rebuild', 'retention_purge')),
  name text NOT NULL,
  step text NOT NULL
    CONSTRAINT core_migrations_step CHECK (step IN ('snapshot', 'apply', 'verify', 'finished')),
  state text NOT NULL DEFAULT 'running'
    CONSTRAINT core_migrations_state CHECK (state IN ('running', 'failed', 'done')),
  checkpoint bigint NOT NULL DEFAULT 0
    CONSTRAINT core_migrations_checkpoint CHECK (checkpoint >= 0),
  attempts integer NOT NULL DEFAULT 0,
  in_progress boolean NOT NULL DEFAULT true,
  started_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT core_migrations_ended CHECK (in_progress = (state <> 'done'))
);
COMMENT ON TABLE public.core_migrations IS 'The journal of long work on a scope: a step, its checkpoint and how often it was tried.';

CREATE INDEX core_migrations_of_scope ON public.core_migrations (scope_id, kind, name);
CREATE UNIQUE INDEX core_migrations_one_in_progress ON public.core_migrations (scope_id, kind) WHERE in_progress;

CREATE TABLE public.core_projections (
  scope_id uuid NOT NULL REFERENCES public.core_scopes (id),
  user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  last_event_seq bigint NOT NULL DEFAULT 0,
  last_event_at timestamptz,
  unread_count bigint NOT NULL DEFAULT 0
    CONSTRAINT core_projections_unread_count CHECK (unread_count >= 0),
  mode text NOT NULL DEFAULT 'normal'
    CONSTRAINT core_projections_mode CHECK (mode IN ('normal', 'rebuilding', 'read_only')),
  PRIMARY KEY (scope_id, user_id)
) WITH (fillfactor = 70);
COMMENT ON TABLE public.core_projections IS 'The dialog list: for each member of a scope its last event and how much is unread.';

CREATE TABLE public.core_projection_watermarks (
  scope_id uuid PRIMARY KEY REFERENCES public.core_scopes (id),
  dialogs_watermark_seq bigint NOT NULL DEFAULT 0
    CONSTRAINT core_projection_watermarks_dialogs CHECK (dialogs_watermark_seq >= 0),
  unread_watermark_seq bigint NOT NULL DEFAULT 0
    CONSTRAINT core_projection_watermarks_unread CHECK (unread_watermark_seq >= 0),
  version integer NOT NULL DEFAULT 1
    CONSTRAINT core_projection_watermarks_version CHECK (version >= 1),
  updated_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 70);
COMMENT ON TABLE public.core_projection_watermarks IS 'Up to which event a scope''s projections hold; a rebuild starts a new version at zero.';

CREATE TABLE public.core_admin_actions (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  actor_id uuid,
  scope_id uuid REFERENCES public.core_scopes (id),
  action text NOT NULL,
  reason_code text NOT NULL
    CONSTRAINT core_admin_actions_reason_code CHECK (reason_code IN (
      'abuse_spam', 'abuse_harassment', 'legal_request', 'user_request', 'security_incident', 'moderation_policy', 'other'
    )),
  reason_text text
    CONSTRAINT core_admin_actions_reason_text CHECK (char_length(reason_text) <= 500),
  details jsonb NOT NULL DEFAULT '{}',
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  CONSTRAINT core_admin_actions_other_says_why CHECK (reason_code <> 'other' OR btrim(coalesce(reason_text, '')) <> ''),
  CONSTRAINT core_admin_actions_no_personal_data CHECK (NOT core.holds_personal_data(reason_text))
);
COMMENT ON TABLE public.core_admin_actions IS 'What administrators and operators did to others, and why. A missing actor is the service itself.';

CREATE INDEX core_admin_actions_of_scope ON public.core_admin_actions (scope_id, action, created_at);

-- One row a call of the last minute, used again afterwards: a counter to be raised would make the calls of one actor wait for
-- each other.
CREATE TABLE public.core_rate_limits (
  bucket text NOT NULL
    CONSTRAINT core_rate_limits_bucket CHECK (bucket IN (
      'timeline_scope', 'timeline_actor', 'timeline_device', 'command_actor', 'command_device', 'command_service', 'report_actor'
    )),
  subject text NOT NULL,
  slot integer NOT NULL
    CONSTRAINT core_rate_limits_slot CHECK (slot >= 0),
  called_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (bucket, subject, slot)
);
COMMENT ON TABLE public.core_rate_limits IS 'What each actor, device and scope may call in a minute, as numbered slots, and when each was last used.';

CREATE INDEX core_rate_limits_window ON public.core_rate_limits (bucket, subject, called_at);

-- Limits a minute by the name of their bucket, and what a deployment decides. 0 and 1 stand for no and yes.
CREATE TABLE core.settings (
  name text PRIMARY KEY,
  value integer NOT NULL
    CONSTRAINT settings_value CHECK (value >= 0)
);
COMMENT ON TABLE core.settings IS 'What a deployment decides; written by core_set_setting_v1 alone.';

INSERT INTO core.settings (name, value)
VALUES
  ('timeline_scope', 100),
  ('timeline_actor', 500),
  ('timeline_device', 150),
  ('command_actor', 200),
  ('command_device', 100),
  ('command_service', 2000),
  ('report_actor', 30),
  ('dm_self_allowed', 0);

CREATE TABLE core.breakers (
  name text PRIMARY KEY,
  open_until timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON TABLE core.breakers IS 'What did not answer, and until when it is not asked again.';

INSERT INTO core.breakers (name) VALUES ('archive');

-- The platform grants every new table to the API roles; until policies stand, nobody holds anything.
REVOKE ALL ON
  public.core_scopes, public.core_policies, public.core_events, public.core_outcomes, public.core_members, public.core_invites,
  public.core_snapshots, public.core_migrations, public.core_projections, public.core_projection_watermarks,
  public.core_admin_actions, public.core_rate_limits
FROM PUBLIC, anon, authenticated, service_role;
