-- What may be called. Every mutating call takes an idempotency key and goes the same way: arguments, rate, identity, the scope's
-- row lock, rules, effect, outcome. A condition between two comments `-- guard: <id>` is a guard that registry.json names.
-- What clients call is SECURITY DEFINER; all else is called from there, as the owner.
--
-- Locks are taken in one order, so no two calls wait for each other: the identity; the scope's row; then rows of that scope, which
-- nobody changes without it. Sweeps across scopes (expiry, archive, old slots) lock no scope and skip the rows that others hold,
-- as does whoever takes a slot or opens the breaker.

-- Rates ----------------------------------------------------------------------------------------------------------------------

-- One of the subject's slots of this minute, held until the call ends: an old one that nobody holds, else a new one. A slot
-- serves one call a minute, so calls that are still under way count, and nobody waits for them.
CREATE FUNCTION core.take_slot(p_bucket text, p_subject text) RETURNS boolean
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_limit CONSTANT integer := coalesce(core.setting(p_bucket), 0);
  v_since CONSTANT timestamptz := clock_timestamp() - interval '1 minute';
  v_slot integer;
BEGIN
  UPDATE public.core_rate_limits AS call
  SET called_at = clock_timestamp()
  WHERE call.ctid = (
    SELECT old.ctid
    FROM public.core_rate_limits AS old
    WHERE old.bucket = p_bucket
    AND old.subject = p_subject
    AND old.called_at <= v_since
    AND old.slot < v_limit
    ORDER BY old.called_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
  );
  IF FOUND THEN
    RETURN true;
  END IF;
  v_slot := core.unused_slot(p_bucket, p_subject, v_limit);
  WHILE v_slot < v_limit LOOP
    IF pg_try_advisory_xact_lock(hashtextextended(concat_ws(' ', p_bucket, p_subject, v_slot), 29)) THEN
      INSERT INTO public.core_rate_limits (bucket, subject, slot) VALUES (p_bucket, p_subject, v_slot) ON CONFLICT DO NOTHING;
      IF FOUND THEN
        RETURN true;
      END IF;
    END IF;
    v_slot := v_slot + 1;
  END LOOP;
  RETURN false;
END
$$;

-- The first number after the subject's slots, or one that a purge has left between them. NULL: there is none.
CREATE FUNCTION core.unused_slot(p_bucket text, p_subject text, p_limit integer) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_next CONSTANT integer := (
    SELECT coalesce(max(call.slot) + 1, 0)
    FROM public.core_rate_limits AS call
    WHERE call.bucket = p_bucket
    AND call.subject = p_subject
  );
BEGIN
  IF v_next < p_limit THEN
    RETURN v_next;
  END IF;
  RETURN (
    SELECT min(free.slot)
    FROM generate_series(0, p_limit - 1) AS free (slot)
    WHERE NOT EXISTS (
      SELECT 1
      FROM public.core_rate_limits AS call
      WHERE call.bucket = p_bucket
      AND call.subject = p_subject
      AND call.slot = free.slot
    )
  );
END
$$;

-- NULL: within its limits, and counted. The store gets 100 ms to answer.
CREATE FUNCTION core.rate_refusal(p_buckets text[], p_subjects text[]) RETURNS text
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $$
BEGIN
  FOR v_place IN 1 .. cardinality(p_buckets) LOOP
    IF
      -- guard: rate-limit
      NOT core.take_slot(p_buckets[v_place], p_subjects[v_place])
      -- guard: rate-limit
    THEN
      RAISE configuration_limit_exceeded;
    END IF;
  END LOOP;
  RETURN NULL;
EXCEPTION
  -- Gives back what the call has taken of its other rates.
  WHEN configuration_limit_exceeded THEN
    RETURN 'rate_limited';
  WHEN lock_not_available OR insufficient_privilege OR undefined_table OR undefined_column OR read_only_sql_transaction
    OR data_corrupted OR index_corrupted OR io_error THEN
    RETURN 'rate_limit_unavailable';
END
$$;

-- The token's session stands in for a device that does not name itself; a digest, since a client names it at any length.
CREATE FUNCTION core.device_subject(p_actor uuid, p_device text) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN concat_ws(' ', p_actor, md5(coalesce(p_device, auth.jwt() ->> 'session_id')));
END
$$;

-- Outcomes -------------------------------------------------------------------------------------------------------------------

-- Whoever cannot write because another is writing leaves it to the other.
CREATE FUNCTION core.open_archive_breaker() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE core.breakers AS breaker
  SET open_until = clock_timestamp() + interval '30 seconds'
  WHERE breaker.name = (SELECT free.name FROM core.breakers AS free WHERE free.name = 'archive' FOR UPDATE SKIP LOCKED);
END
$$;

-- The archived outcome of an identity; `{}`: there is none; NULL: the archive is locked, detached, or was so within 30 s.
CREATE FUNCTION core.archived_outcome(p_command core.command) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms'
AS $$
DECLARE
  v_found jsonb;
BEGIN
  IF
    -- guard: archive-breaker
    EXISTS (SELECT 1 FROM core.breakers AS breaker WHERE breaker.name = 'archive' AND breaker.open_until > clock_timestamp())
    -- guard: archive-breaker
  THEN
    RETURN NULL;
  END IF;
  BEGIN
    IF EXISTS (
      SELECT 1
      FROM pg_inherits AS part
      WHERE part.inhrelid = to_regclass('core.outcomes_archive')
      AND part.inhparent = 'public.core_outcomes'::regclass
      AND NOT part.inhdetachpending
    ) THEN
      SELECT to_jsonb(stored)
      INTO v_found
      FROM core.outcomes_archive AS stored
      WHERE stored.event_idempotency_key = p_command.key
      AND stored.command_type = p_command.command_type
      AND stored.actor_id IS NOT DISTINCT FROM p_command.actor_id
      AND stored.scope_id IS NOT DISTINCT FROM p_command.scope_id;
      RETURN coalesce(v_found, '{}');
    END IF;
  EXCEPTION
    WHEN lock_not_available OR undefined_table THEN
      NULL;
  END;
  PERFORM core.open_archive_breaker();
  RETURN NULL;
END
$$;

-- What has been answered to this identity before, as the reply to give now; NULL: nothing, so the command is to be executed.
CREATE FUNCTION core.earlier_reply(p_command core.command) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_outcome jsonb;
  v_hash text;
  v_archived jsonb;
BEGIN
  SELECT stored.outcome, stored.payload_hash
  INTO v_outcome, v_hash
  FROM core.outcomes_hot AS stored
  WHERE stored.event_idempotency_key = p_command.key
  AND stored.command_type = p_command.command_type
  AND stored.actor_id IS NOT DISTINCT FROM p_command.actor_id
  AND stored.scope_id IS NOT DISTINCT FROM p_command.scope_id;
  IF
    -- guard: payload-match
    v_hash <> p_command.payload_hash
    -- guard: payload-match
  THEN
    RETURN core.refused('payload_hash_mismatch');
  END IF;
  IF
    -- guard: replay
    v_hash IS NOT NULL
    -- guard: replay
  THEN
    RETURN v_outcome;
  END IF;

  v_archived := core.archived_outcome(p_command);
  IF v_archived IS NULL THEN
    RETURN core.refused('archive_unavailable');
  END IF;
  IF
    -- guard: archived
    v_archived <> '{}'
    -- guard: archived
  THEN
    RETURN core.refused('outcome_archived_check_required');
  END IF;
  RETURN NULL;
END
$$;

-- Without a reply the command is new, and its identity is held until the transaction ends, so that a racing retry finds the outcome.
CREATE FUNCTION core.open_command(
  p_scope uuid, p_command text, p_key text, p_arguments jsonb, p_buckets text[], p_subjects text[]
) RETURNS core.command
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command core.command := (auth.uid(), p_scope, p_command, core.normalized_key(p_key), NULL, NULL);
  v_refusal text;
BEGIN
  IF
    -- guard: key-required
    v_command.key IS NULL
    -- guard: key-required
  THEN
    v_command.reply := core.refused('invalid_key');
    RETURN v_command;
  END IF;
  v_refusal := core.rate_refusal(p_buckets, p_subjects);
  IF v_refusal IS NOT NULL THEN
    v_command.reply := core.refused(v_refusal);
    RETURN v_command;
  END IF;
  v_command.payload_hash := core.hash_of(p_arguments);
  PERFORM pg_advisory_xact_lock(hashtextextended(
    concat_ws(' ', coalesce(v_command.actor_id::text, '-'), coalesce(p_scope::text, '-'), p_command, v_command.key), 28
  ));
  v_command.reply := core.earlier_reply(v_command);
  RETURN v_command;
END
$$;

-- The way in of a user's command: a token may outlive its account. A report of what is missing counts against a rate of its own
-- as well.
CREATE FUNCTION core.open_user_command(p_scope uuid, p_command text, p_key text, p_arguments jsonb, p_device text DEFAULT NULL)
RETURNS core.command
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_actor CONSTANT uuid := auth.uid();
  v_buckets text[] := '{command_actor,command_device}';
  v_subjects text[] := ARRAY[v_actor::text, core.device_subject(v_actor, p_device)];
BEGIN
  IF NOT EXISTS (SELECT 1 FROM auth.users AS person WHERE person.id = v_actor) THEN
    RETURN ROW(NULL, p_scope, p_command, NULL, NULL, core.refused('unauthenticated'))::core.command;
  ELSIF p_command = 'report_missing' THEN
    v_buckets := v_buckets || 'report_actor'::text;
    v_subjects := v_subjects || v_actor::text;
  END IF;
  RETURN core.open_command(p_scope, p_command, p_key, p_arguments, v_buckets, v_subjects);
END
$$;

-- The way in of a command of the service, whose token may name an operator.
CREATE FUNCTION core.open_service_command(p_scope uuid, p_command text, p_key text, p_arguments jsonb) RETURNS core.command
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN core.open_command(p_scope, p_command, p_key, p_arguments, '{command_service}', '{service}');
END
$$;

-- Stores what a command has answered, and gives it. A refusal changes nothing and is not stored: it may be asked again.
CREATE FUNCTION core.close_command(p_command core.command, p_reply jsonb) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF (p_reply ->> 'ok')::boolean THEN
    INSERT INTO core.outcomes_hot (actor_id, scope_id, command_type, event_idempotency_key, outcome, code, payload_hash)
    VALUES (
      p_command.actor_id, p_command.scope_id, p_command.command_type, p_command.key, p_reply, p_reply ->> 'code',
      p_command.payload_hash
    );
  END IF;
  RETURN p_reply;
END
$$;

-- Scopes and members ---------------------------------------------------------------------------------------------------------

-- The scope of a command, locked: whoever changes anything in a scope holds its row to the end. An empty row: there is no such
-- scope, or the command has its reply already.
CREATE FUNCTION core.locked_scope(p_command core.command) RETURNS public.core_scopes
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_scope public.core_scopes;
BEGIN
  IF p_command.reply IS NULL THEN
    SELECT scope.* INTO v_scope FROM public.core_scopes AS scope WHERE scope.id = p_command.scope_id FOR NO KEY UPDATE;
  END IF;
  RETURN v_scope;
END
$$;

CREATE FUNCTION core.member_of(p_scope uuid, p_user uuid) RETURNS public.core_members
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_member public.core_members;
BEGIN
  SELECT member.* INTO v_member FROM public.core_members AS member WHERE member.scope_id = p_scope AND member.user_id = p_user;
  RETURN v_member;
END
$$;

-- A stranger learns nothing, not even that the scope is there.
CREATE FUNCTION core.member_refusal(p_member public.core_members) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE
    WHEN p_member.state = 'joined' THEN NULL
    WHEN p_member.state = 'removed' THEN core.refused('membership_revoked')
    ELSE core.refused('scope_not_found')
  END;
END
$$;

-- Of operations, to which a scope is never hidden.
CREATE FUNCTION core.absent_refusal(p_scope public.core_scopes) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN p_scope.id IS NULL THEN core.refused('scope_not_found') END
$$;

CREATE FUNCTION core.log_action(p_scope uuid, p_action text, p_code text, p_text text, p_details jsonb) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO public.core_admin_actions (actor_id, scope_id, action, reason_code, reason_text, details)
  VALUES (auth.uid(), p_scope, p_action, p_code, p_text, p_details)
$$;

CREATE FUNCTION core.policy_in_force(p_scope uuid) RETURNS public.core_policies
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT policy.*
  FROM public.core_scopes AS scope
  JOIN public.core_policies AS policy ON policy.scope_id = scope.id AND policy.version = scope.policy_version
  WHERE scope.id = p_scope
$$;

-- Writes the next version of a scope's policy.
CREATE FUNCTION core.write_policy(p_scope uuid, p_version integer, p_policy jsonb, p_hash text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO public.core_policies (
    scope_id, version, visibility, join_mode, delivery_strategy, approval_roles, approval_quorum, self_join_enabled,
    invite_ttl, data_classification_defaults, policy_hash
  )
  VALUES (
    p_scope, p_version, p_policy ->> 'visibility', p_policy ->> 'join_mode', p_policy ->> 'delivery_strategy',
    ARRAY(SELECT jsonb_array_elements_text(p_policy -> 'approval_roles')), (p_policy ->> 'approval_quorum')::integer,
    (p_policy ->> 'self_join_enabled')::boolean, (p_policy ->> 'invite_ttl')::integer,
    p_policy ->> 'data_classification_defaults', p_hash
  )
$$;

-- A new scope with its first policy and its owners; NULL: the pair has its direct message already.
CREATE FUNCTION core.create_scope(p_scope_type text, p_policy jsonb, p_members uuid[], p_low uuid, p_high uuid) RETURNS uuid
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_hash CONSTANT text := core.policy_hash(p_policy);
  v_scope public.core_scopes;
BEGIN
  INSERT INTO public.core_scopes (
    scope_type, visibility, join_mode, delivery_strategy, policy_hash, dm_user_low, dm_user_high, data_classification,
    invite_ttl_hours, scope_max_seq, created_by
  )
  VALUES (
    p_scope_type, p_policy ->> 'visibility', p_policy ->> 'join_mode', p_policy ->> 'delivery_strategy',
    v_hash, p_low, p_high, p_policy ->> 'data_classification_defaults',
    (p_policy ->> 'invite_ttl')::integer, 0, auth.uid()
  )
  ON CONFLICT DO NOTHING
  RETURNING * INTO v_scope;
  IF v_scope.id IS NULL THEN
    RETURN NULL;
  END IF;
  PERFORM core.write_policy(v_scope.id, 1, p_policy, v_hash);
  INSERT INTO public.core_projection_watermarks (scope_id) VALUES (v_scope.id);
  PERFORM core.add_member(v_scope.id, member.id, 'owner') FROM unnest(p_members) AS member (id);
  RETURN v_scope.id;
END
$$;

-- Brings somebody in. What was said before counts as read. The scope's row is locked.
CREATE FUNCTION core.add_member(p_scope uuid, p_user uuid, p_role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_scope public.core_scopes;
BEGIN
  UPDATE public.core_scopes AS scope
  SET member_count = scope.member_count + 1,
    is_large = scope.is_large OR (scope.scope_type = 'channel' AND scope.member_count + 1 >= 50000)
  WHERE scope.id = p_scope
  RETURNING * INTO v_scope;
  INSERT INTO public.core_members (scope_id, user_id, role, state, last_read_seq, last_delivered_seq)
  VALUES (p_scope, p_user, p_role, 'joined', v_scope.scope_max_seq, v_scope.scope_max_seq)
  ON CONFLICT (scope_id, user_id) DO UPDATE
  SET state = 'joined', role = EXCLUDED.role, joined_at = clock_timestamp(), removed_at = NULL, removed_by = NULL,
    last_read_seq = EXCLUDED.last_read_seq, last_delivered_seq = EXCLUDED.last_delivered_seq, missing_from_seq = NULL;
  INSERT INTO public.core_projections (scope_id, user_id, last_event_seq, last_event_at, mode)
  SELECT p_scope, p_user, v_scope.scope_max_seq,
    (SELECT event.server_time FROM public.core_events AS event WHERE event.scope_id = p_scope AND event.event_seq = v_scope.scope_max_seq),
    CASE WHEN EXISTS (
      SELECT 1 FROM public.core_projections AS other WHERE other.scope_id = p_scope AND other.mode = 'rebuilding'
    ) THEN 'rebuilding' ELSE 'normal' END;
END
$$;

CREATE FUNCTION core.join_refusal(p_scope public.core_scopes) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN p_scope.scope_type = 'channel' AND p_scope.member_count + 1 >= 50000 AND p_scope.delivery_strategy <> 'fanout_on_read'
    THEN core.refused('fanout_on_read_required')
  END
$$;

CREATE FUNCTION public.core_create_scope_v1(
  p_scope_type text,
  p_visibility text,
  p_join_mode text,
  p_key text,
  p_delivery_strategy text DEFAULT 'fanout_on_write',
  p_data_classification text DEFAULT 'normal',
  p_invite_ttl_hours integer DEFAULT 168,
  p_approval_roles text[] DEFAULT '{admin,owner}',
  p_approval_quorum integer DEFAULT 1,
  p_self_join_enabled boolean DEFAULT true
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_policy CONSTANT jsonb := jsonb_build_object(
    'visibility', p_visibility, 'join_mode', p_join_mode, 'delivery_strategy', p_delivery_strategy,
    'approval_roles', to_jsonb(ARRAY(SELECT DISTINCT unnest(p_approval_roles) ORDER BY 1)), 'approval_quorum', p_approval_quorum,
    'self_join_enabled', p_self_join_enabled, 'invite_ttl', p_invite_ttl_hours,
    'data_classification_defaults', p_data_classification
  );
  v_command CONSTANT core.command := core.open_user_command(
    NULL, 'create_scope', p_key, jsonb_build_object('scope_type', p_scope_type, 'policy', v_policy)
  );
  v_reply jsonb := v_command.reply;
  v_scope uuid;
BEGIN
  IF v_reply IS NULL AND coalesce(p_scope_type NOT IN ('group', 'channel', 'service'), true) THEN
    v_reply := core.refused('scope_type_invalid');
  END IF;
  v_reply := coalesce(v_reply, core.policy_refusal(p_scope_type, false, v_policy));
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_scope := core.create_scope(p_scope_type, v_policy, ARRAY[v_command.actor_id], NULL, NULL);
  RETURN core.close_command(v_command, core.done('scope_created', jsonb_build_object(
    'scope_id', v_scope, 'policy_version', 1, 'policy_hash', core.policy_hash(v_policy)
  )));
END
$$;

-- Found or made: an insert that another's outran finds what the other made.
CREATE FUNCTION core.dm_of_pair(p_low uuid, p_high uuid) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_code text := 'dm_exists';
  v_scope uuid := (
    SELECT scope.id FROM public.core_scopes AS scope
    WHERE scope.scope_type = 'dm' AND scope.dm_user_low = p_low AND scope.dm_user_high = p_high
  );
BEGIN
  IF v_scope IS NULL THEN
    v_scope := core.create_scope('dm', jsonb_build_object(
      'visibility', 'private', 'join_mode', 'invite_only', 'delivery_strategy', 'fanout_on_write',
      'approval_roles', '[]'::jsonb, 'approval_quorum', 1, 'self_join_enabled', false, 'invite_ttl', 168,
      'data_classification_defaults', 'normal'
    ), ARRAY(SELECT DISTINCT unnest(ARRAY[p_low, p_high])), p_low, p_high);
    v_code := CASE WHEN v_scope IS NULL THEN 'dm_exists' ELSE 'dm_created' END;
  END IF;
  IF v_scope IS NULL THEN
    SELECT scope.id
    INTO STRICT v_scope
    FROM public.core_scopes AS scope
    WHERE scope.scope_type = 'dm' AND scope.dm_user_low = p_low AND scope.dm_user_high = p_high;
  END IF;
  RETURN core.done(v_code, jsonb_build_object('scope_id', v_scope));
END
$$;

CREATE FUNCTION public.core_create_or_get_dm_v1(p_other_user uuid, p_key text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_low CONSTANT uuid := least(auth.uid(), p_other_user);
  v_high CONSTANT uuid := greatest(auth.uid(), p_other_user);
  -- Without a key the pair itself is what makes the call repeatable; the derived one is for the rate and the race.
  v_key CONSTANT text := coalesce(p_key, md5(concat_ws(' ', v_low, v_high))::uuid::text);
  v_command CONSTANT core.command := core.open_user_command(
    NULL, 'create_dm', v_key, jsonb_build_object('other_user', p_other_user)
  );
  v_reply jsonb;
BEGIN
  IF v_command.reply IS NOT NULL THEN
    RETURN v_command.reply;
  END IF;
  -- Whoever takes the permission back waits for who has it already.
  PERFORM 1 FROM core.settings AS setting WHERE v_low = v_high AND setting.name = 'dm_self_allowed' FOR SHARE;
  IF NOT EXISTS (SELECT 1 FROM auth.users AS person WHERE person.id = p_other_user) THEN
    RETURN core.refused('user_not_found');
  ELSIF
    -- guard: dm-self
    v_low = v_high
    AND
    -- guard: dm-self-setting
    core.setting('dm_self_allowed') IS DISTINCT FROM 1
    -- guard: dm-self-setting
    -- guard: dm-self
  THEN
    RETURN core.refused('dm_self_not_allowed');
  END IF;
  v_reply := core.dm_of_pair(v_low, v_high);
  RETURN CASE WHEN p_key IS NULL THEN v_reply ELSE core.close_command(v_command, v_reply) END;
END
$$;

-- Events ---------------------------------------------------------------------------------------------------------------------

-- The one place that allocates a sequence number: the scope's row lock orders the callers.
CREATE FUNCTION core.allocate_seq(p_scope uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_seq bigint;
BEGIN
  UPDATE public.core_scopes AS scope
  SET scope_max_seq = scope.scope_max_seq + 1, updated_at = clock_timestamp()
  WHERE scope.id = p_scope
  RETURNING scope.scope_max_seq INTO v_seq;
  RETURN v_seq;
END
$$;

-- Edits and deletions name a message of this scope: its author edits it, its author or a moderator deletes it.
CREATE FUNCTION core.target_refusal(p_member public.core_members, p_command_type text, p_payload jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_target public.core_events;
BEGIN
  IF p_command_type = 'message_send' THEN
    RETURN NULL;
  END IF;
  SELECT event.*
  INTO v_target
  FROM public.core_events AS event
  WHERE event.scope_id = p_member.scope_id
  AND event.command_type = 'message_send'
  AND event.event_seq = CASE WHEN p_payload ->> 'target_seq' ~ '^\d{1,18}$' THEN (p_payload ->> 'target_seq')::bigint END;
  IF v_target.event_seq IS NULL OR v_target.deleted_at IS NOT NULL THEN
    RETURN core.refused('target_not_found');
  ELSIF p_command_type IN ('reaction_add', 'reaction_remove') OR v_target.actor_id = p_member.user_id THEN
    RETURN NULL;
  ELSIF p_command_type = 'message_edit' OR core.role_rank(p_member.role) < 2 THEN
    RETURN core.refused('not_permitted');
  END IF;
  RETURN core.reason_refusal(p_payload ->> 'reason_code', p_payload ->> 'reason_text');
END
$$;

-- The four marks on the message that an edit or a deletion is about.
CREATE FUNCTION core.mark_target(p_scope uuid, p_command_type text, p_payload jsonb) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_author uuid;
BEGIN
  IF p_command_type = 'message_edit' THEN
    UPDATE public.core_events AS event
    SET edited_at = clock_timestamp(), edit_count = event.edit_count + 1
    WHERE event.scope_id = p_scope AND event.event_seq = (p_payload ->> 'target_seq')::bigint;
  ELSIF p_command_type = 'message_delete' THEN
    UPDATE public.core_events AS event
    SET deleted_at = clock_timestamp(), deleted_by = auth.uid()
    WHERE event.scope_id = p_scope AND event.event_seq = (p_payload ->> 'target_seq')::bigint
    RETURNING event.actor_id INTO v_author;
    IF v_author <> auth.uid() THEN
      PERFORM core.log_action(
        p_scope, 'delete_message', p_payload ->> 'reason_code', p_payload ->> 'reason_text',
        jsonb_build_object('event_seq', p_payload -> 'target_seq')
      );
    END IF;
  END IF;
END
$$;

-- The dialog list of a scope that fans out on write; a projection that is being rebuilt catches up by itself.
CREATE FUNCTION core.project_event(p_scope public.core_scopes, p_seq bigint, p_command core.command, p_server_time timestamptz)
RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_scope.delivery_strategy <> 'fanout_on_write' THEN
    RETURN;
  END IF;
  UPDATE public.core_projections AS projection
  SET last_event_seq = p_seq,
    last_event_at = p_server_time,
    unread_count = projection.unread_count
      + (p_command.command_type = 'message_send' AND projection.user_id <> p_command.actor_id)::integer
  WHERE projection.scope_id = p_scope.id
  AND projection.mode = 'normal';
  UPDATE public.core_projection_watermarks AS watermark
  SET dialogs_watermark_seq = p_seq, unread_watermark_seq = p_seq, updated_at = p_server_time
  WHERE watermark.scope_id = p_scope.id
  AND watermark.dialogs_watermark_seq = p_seq - 1;
END
$$;

CREATE FUNCTION core.write_event(
  p_scope public.core_scopes, p_command core.command, p_payload jsonb, p_client_ts timestamptz, p_trace_id text, p_device_id text
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_seq CONSTANT bigint := core.allocate_seq(p_scope.id);
  v_time timestamptz;
BEGIN
  INSERT INTO public.core_events (
    scope_id, event_seq, actor_id, command_type, event_idempotency_key, payload, payload_hash, trace_id, device_id, client_ts,
    classification
  )
  VALUES (
    p_scope.id, v_seq, p_command.actor_id, p_command.command_type, p_command.key, p_payload, p_command.payload_hash, p_trace_id,
    p_device_id, p_client_ts, p_scope.data_classification
  )
  RETURNING server_time INTO v_time;
  PERFORM core.mark_target(p_scope.id, p_command.command_type, p_payload);
  PERFORM core.project_event(p_scope, v_seq, p_command, v_time);
  RETURN core.done('event_appended', jsonb_build_object('event_seq', v_seq, 'scope_max_seq', v_seq, 'server_time', v_time));
END
$$;

CREATE FUNCTION public.core_append_event_v1(
  p_scope uuid,
  p_command_type text,
  p_payload jsonb,
  p_key text,
  p_client_ts timestamptz,
  p_trace_id text DEFAULT NULL,
  p_device_id text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_reply jsonb := core.append_arguments_refusal(p_command_type, p_payload, p_client_ts, p_trace_id, p_device_id);
  v_command core.command;
  v_scope public.core_scopes;
  v_member public.core_members;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_command := core.open_user_command(p_scope, p_command_type, p_key, p_payload, p_device_id);
  v_scope := core.locked_scope(v_command);
  v_member := core.member_of(p_scope, v_command.actor_id);
  v_reply := coalesce(
    v_command.reply,
    core.member_refusal(v_member),
    core.write_refusal(v_scope.system_mode),
    core.clock_refusal(p_client_ts),
    core.target_refusal(v_member, p_command_type, p_payload)
  );
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  RETURN core.close_command(v_command, core.write_event(v_scope, v_command, p_payload, p_client_ts, p_trace_id, p_device_id));
END
$$;

-- Reads ----------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION core.timeline_events(p_scope uuid, p_after bigint, p_to bigint, p_limit integer, p_lookback_days integer) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_since CONSTANT timestamptz := now() - make_interval(days => p_lookback_days);
  v_after CONSTANT bigint := greatest(p_after, coalesce(core.first_seq_since(p_scope, v_since) - 1, p_to));
BEGIN
  RETURN (
    SELECT coalesce(jsonb_agg(jsonb_build_object(
      'event_seq', event.event_seq,
      'actor_id', event.actor_id,
      'command_type', event.command_type,
      -- What was deleted is not told by its edits either, also when retention has taken it since.
      'payload', CASE WHEN event.deleted_at IS NULL AND coalesce((
        SELECT edited.deleted_at IS NULL
        FROM public.core_events AS edited
        WHERE edited.scope_id = p_scope
        AND edited.event_seq = CASE event.command_type WHEN 'message_edit' THEN (event.payload ->> 'target_seq')::bigint END
      ), event.command_type <> 'message_edit') THEN event.payload END,
      'server_time', event.server_time,
      'classification', event.classification,
      'edited_at', event.edited_at,
      'edit_count', event.edit_count,
      'deleted_at', event.deleted_at,
      'deleted_by', event.deleted_by
    ) ORDER BY event.event_seq), '[]')
    FROM (
      SELECT one.*
      FROM public.core_events AS one
      WHERE one.scope_id = p_scope
      AND one.event_seq > v_after
      AND one.event_seq <= p_to
      AND one.server_time >= v_since
      ORDER BY one.event_seq
      LIMIT p_limit
    ) AS event
  );
END
$$;

-- The first number whose event is no older; NULL: all are. Times rise with the numbers, so an index finds it and nothing older is
-- read.
CREATE FUNCTION core.first_seq_since(p_scope uuid, p_since timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT min(first.event_seq)
    FROM unnest('{normal,sensitive,regulated}'::text[]) AS class (name)
    CROSS JOIN LATERAL (
      SELECT event.event_seq
      FROM public.core_events AS event
      WHERE event.scope_id = p_scope
      AND event.classification = class.name
      AND event.server_time >= p_since
      ORDER BY event.server_time, event.event_seq
      LIMIT 1
    ) AS first
  );
END
$$;

CREATE FUNCTION core.timeline_refusal(p_scope uuid, p_limit integer, p_lookback_days integer, p_device text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF auth.uid() IS NULL THEN
    RETURN core.refused('unauthenticated');
  ELSIF
    -- guard: timeline-limit
    p_limit > 200
    -- guard: timeline-limit
  THEN
    RETURN core.refused('limit_exceeded', '{"limit": 200}');
  ELSIF
    -- guard: timeline-lookback
    p_lookback_days > 30
    -- guard: timeline-lookback
  THEN
    RETURN core.refused('lookback_exceeded', '{"lookback_days": 30}');
  ELSIF p_limit < 1 OR p_lookback_days < 1 THEN
    RETURN core.refused('limit_invalid');
  -- The store may be down: reads go on.
  ELSIF core.rate_refusal(
    '{timeline_scope,timeline_actor,timeline_device}',
    ARRAY[concat_ws(' ', auth.uid(), p_scope), auth.uid()::text, core.device_subject(auth.uid(), p_device)]
  ) = 'rate_limited' THEN
    RETURN core.refused('rate_limited');
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.core_query_timeline_v1(
  p_scope uuid,
  p_after_seq bigint DEFAULT 0,
  p_limit integer DEFAULT 200,
  p_lookback_days integer DEFAULT 30,
  p_device_id text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_refusal CONSTANT jsonb := core.timeline_refusal(p_scope, p_limit, p_lookback_days, p_device_id);
  v_member CONSTANT public.core_members := core.member_of(p_scope, auth.uid());
  v_to bigint;
  v_events jsonb;
BEGIN
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  END IF;
  IF
    -- guard: timeline-member
    core.member_refusal(v_member) IS NOT NULL
    -- guard: timeline-member
  THEN
    RETURN core.member_refusal(v_member);
  ELSIF (SELECT scope.system_mode FROM public.core_scopes AS scope WHERE scope.id = p_scope) = 'maintenance_full' THEN
    RETURN core.refused('scope_unavailable', '{"system_mode": "maintenance_full"}');
  END IF;
  v_to := core.visible_seq(p_scope);
  v_events := core.timeline_events(p_scope, coalesce(p_after_seq, 0), v_to, coalesce(p_limit, 200), coalesce(p_lookback_days, 30));
  RETURN core.done('timeline', jsonb_build_object(
    'events', v_events,
    'scope_max_seq', v_to,
    'has_more', coalesce((v_events -> -1 ->> 'event_seq')::bigint, v_to) < v_to
  ));
END
$$;

-- Of a scope whose members are not written to: counted when asked, and no further than a client shows.
CREATE FUNCTION core.live_unread(p_scope uuid, p_user uuid, p_after bigint, p_to bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (
    SELECT count(*)
    FROM (
      SELECT 1
      FROM public.core_events AS event
      WHERE event.scope_id = p_scope
      AND event.command_type = 'message_send'
      AND event.event_seq > p_after
      AND event.event_seq <= p_to
      AND event.actor_id <> p_user
      LIMIT 1000
    ) AS unread
  );
END
$$;

CREATE FUNCTION public.core_get_dialog_metadata_v1(p_scopes uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_dialogs jsonb;
BEGIN
  IF auth.uid() IS NULL THEN
    RETURN core.refused('unauthenticated');
  ELSIF cardinality(p_scopes) > 200 THEN
    RETURN core.refused('limit_exceeded', '{"limit": 200}');
  END IF;
  SELECT coalesce(jsonb_agg(core.dialog_of(member, scope) ORDER BY scope.updated_at DESC, scope.id), '[]')
  INTO v_dialogs
  FROM public.core_members AS member
  JOIN public.core_scopes AS scope ON scope.id = member.scope_id
  WHERE member.user_id = auth.uid()
  AND member.state = 'joined'
  AND member.scope_id = ANY (p_scopes)
  AND scope.system_mode <> 'maintenance_full';
  RETURN core.done('dialogs', jsonb_build_object('dialogs', v_dialogs));
END
$$;

-- A projection is told where it holds; while it is rebuilt, or nobody is written to, the log is asked.
CREATE FUNCTION core.dialog_of(p_member public.core_members, p_scope public.core_scopes) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_projection public.core_projections;
  v_to CONSTANT bigint := core.visible_seq(p_scope.id);
  v_live boolean;
BEGIN
  SELECT projection.*
  INTO v_projection
  FROM public.core_projections AS projection
  WHERE projection.scope_id = p_scope.id
  AND projection.user_id = p_member.user_id;
  v_live := p_scope.delivery_strategy <> 'fanout_on_write' OR v_projection.mode IS DISTINCT FROM 'normal';
  RETURN jsonb_build_object(
    'scope_id', p_scope.id,
    'scope_type', p_scope.scope_type,
    'system_mode', p_scope.system_mode,
    'role', p_member.role,
    'last_read_seq', p_member.last_read_seq,
    'last_delivered_seq', p_member.last_delivered_seq,
    'scope_max_seq', v_to,
    'last_event_seq', CASE WHEN v_live THEN v_to ELSE v_projection.last_event_seq END,
    'unread_count', CASE
      WHEN v_live THEN core.live_unread(p_scope.id, p_member.user_id, p_member.last_read_seq, v_to)
      ELSE v_projection.unread_count
    END,
    'mode', CASE WHEN p_scope.system_mode = 'read_only_safe' THEN 'read_only' ELSE coalesce(v_projection.mode, 'normal') END
  );
END
$$;

-- Of one's own command: what was answered, from either tier.
CREATE FUNCTION public.core_command_status_v1(p_scope uuid, p_command_type text, p_key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := (auth.uid(), p_scope, p_command_type, core.normalized_key(p_key), NULL, NULL);
  v_stored jsonb;
BEGIN
  IF v_command.actor_id IS NULL THEN
    RETURN core.refused('unauthenticated');
  ELSIF v_command.key IS NULL THEN
    RETURN core.refused('invalid_key');
  END IF;
  SELECT to_jsonb(stored)
  INTO v_stored
  FROM core.outcomes_hot AS stored
  WHERE stored.event_idempotency_key = v_command.key
  AND stored.command_type = p_command_type
  AND stored.actor_id = v_command.actor_id
  AND stored.scope_id IS NOT DISTINCT FROM p_scope;
  v_stored := coalesce(v_stored, core.archived_outcome(v_command));
  IF v_stored IS NULL THEN
    RETURN core.refused('archive_unavailable');
  ELSIF v_stored = '{}' THEN
    RETURN core.refused('outcome_not_found');
  END IF;
  RETURN core.done('outcome_found', jsonb_build_object(
    'tier', v_stored -> 'tier', 'state', v_stored -> 'state', 'outcome', v_stored -> 'outcome', 'created_at', v_stored -> 'created_at'
  ));
END
$$;

-- Receipts -------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION core.write_receipt(p_member public.core_members, p_delivered bigint, p_read bigint) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_now public.core_members;
BEGIN
  UPDATE public.core_members AS member
  SET last_delivered_seq = greatest(member.last_delivered_seq, p_delivered),
    last_read_seq = greatest(member.last_read_seq, p_read)
  WHERE member.scope_id = p_member.scope_id
  AND member.user_id = p_member.user_id
  RETURNING * INTO v_now;
  -- What is newly read no longer counts; nothing is counted where all is.
  UPDATE public.core_projections AS projection
  SET unread_count = CASE WHEN v_now.last_read_seq < watermark.unread_watermark_seq THEN greatest(0, projection.unread_count - (
    SELECT count(*)
    FROM public.core_events AS event
    WHERE event.scope_id = v_now.scope_id
    AND event.command_type = 'message_send'
    AND event.event_seq > p_member.last_read_seq
    AND event.event_seq <= v_now.last_read_seq
    AND event.actor_id <> v_now.user_id
  )) ELSE 0 END
  FROM public.core_projection_watermarks AS watermark
  WHERE watermark.scope_id = projection.scope_id
  AND projection.scope_id = v_now.scope_id
  AND projection.user_id = v_now.user_id;
  RETURN core.done('receipt_stored', jsonb_build_object(
    'last_delivered_seq', v_now.last_delivered_seq, 'last_read_seq', v_now.last_read_seq
  ));
END
$$;

-- An acknowledgement ends where the caller's own log has its first gap.
CREATE FUNCTION public.core_ack_v1(p_scope uuid, p_delivered_seq bigint, p_read_seq bigint, p_key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_user_command(
    p_scope, 'ack', p_key, jsonb_build_object('delivered', p_delivered_seq, 'read', p_read_seq)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_member CONSTANT public.core_members := core.member_of(p_scope, v_command.actor_id);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.member_refusal(v_member), core.write_refusal(v_scope.system_mode));
  v_contiguous CONSTANT bigint := least(v_scope.scope_max_seq, v_member.missing_from_seq - 1);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  ELSIF
    -- guard: ack-bounded
    p_delivered_seq > v_contiguous
    -- guard: ack-bounded
  THEN
    RETURN core.refused('ack_out_of_range', jsonb_build_object('last_contiguous_seq', v_contiguous));
  ELSIF coalesce(p_read_seq < 0 OR p_read_seq > p_delivered_seq, true) THEN
    RETURN core.refused('ack_invalid');
  END IF;
  RETURN core.close_command(v_command, core.write_receipt(v_member, p_delivered_seq, p_read_seq));
END
$$;

-- Timeline queries that bring what is missing: 200 events each, ten at a time. What retention took is missing for everybody.
CREATE FUNCTION core.resync_offer(p_scope uuid, p_ranges jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  WITH batch AS (
    SELECT row_number() OVER (ORDER BY start.seq) AS place, start.seq,
      least((missing.range ->> 1)::bigint, start.seq + 199) AS last
    FROM jsonb_array_elements(p_ranges) AS missing (range)
    CROSS JOIN LATERAL generate_series((missing.range ->> 0)::bigint, (missing.range ->> 1)::bigint, 200) AS start (seq)
    ORDER BY start.seq
    LIMIT 11
  )
  SELECT jsonb_build_object(
    'batches', coalesce(jsonb_agg(jsonb_build_object(
      'after_seq', batch.seq - 1,
      'limit', batch.last - batch.seq + 1,
      'available', (
        SELECT count(*) FROM public.core_events AS event
        WHERE event.scope_id = p_scope AND event.event_seq BETWEEN batch.seq AND batch.last
      )
    ) ORDER BY batch.seq) FILTER (WHERE
      -- guard: resync-batches
      batch.place <= 10
      -- guard: resync-batches
    ), '[]'),
    'more', count(*) > 10
  )
  FROM batch
$$;

CREATE FUNCTION public.core_report_missing_v1(p_scope uuid, p_ranges jsonb, p_key text, p_device_id text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_user_command(
    p_scope, 'report_missing', p_key, CASE WHEN core.is_hashable(p_ranges) THEN p_ranges ELSE 'null' END, p_device_id
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(
    v_command.reply,
    core.member_refusal(core.member_of(p_scope, v_command.actor_id)),
    core.write_refusal(v_scope.system_mode),
    core.ranges_refusal(p_ranges, v_scope.scope_max_seq)
  );
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  UPDATE public.core_members AS member
  SET missing_from_seq = (p_ranges -> 0 ->> 0)::bigint
  WHERE member.scope_id = p_scope
  AND member.user_id = v_command.actor_id;
  RETURN core.close_command(v_command, core.done(
    CASE WHEN p_ranges = '[]' THEN 'nothing_missing' ELSE 'resync_offered' END, core.resync_offer(p_scope, p_ranges)
  ));
END
$$;

-- Invitations and membership --------------------------------------------------------------------------------------------------

-- A pending invitation, unless there is one already: then an empty row.
CREATE FUNCTION core.issue_invite(p_scope public.core_scopes, p_user uuid, p_inviter uuid) RETURNS public.core_invites
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_invite public.core_invites;
BEGIN
  UPDATE public.core_invites AS invite
  SET status = 'expired', decided_at = clock_timestamp()
  WHERE invite.scope_id = p_scope.id
  AND invite.invited_user_id = p_user
  AND invite.status = 'pending'
  AND invite.expires_at <= clock_timestamp();
  INSERT INTO public.core_invites (scope_id, invited_user_id, inviter_id, policy_version, policy_hash, expires_at)
  VALUES (
    p_scope.id, p_user, p_inviter, p_scope.policy_version, p_scope.policy_hash,
    clock_timestamp() + make_interval(hours => coalesce(p_scope.invite_ttl_hours, 168))
  )
  ON CONFLICT DO NOTHING
  RETURNING * INTO v_invite;
  RETURN v_invite;
END
$$;

CREATE FUNCTION core.invite_refusal(p_scope public.core_scopes, p_inviter public.core_members, p_user uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF core.role_rank(p_inviter.role) < 2 THEN
    RETURN core.refused('not_permitted');
  ELSIF
    -- guard: invite-applicable
    p_scope.scope_type = 'dm' OR (p_scope.visibility = 'public' AND p_scope.join_mode = 'open')
    -- guard: invite-applicable
  THEN
    RETURN core.refused('invite_not_applicable');
  ELSIF NOT EXISTS (SELECT 1 FROM auth.users AS person WHERE person.id = p_user) THEN
    RETURN core.refused('user_not_found');
  ELSIF (core.member_of(p_scope.id, p_user)).state = 'joined' THEN
    RETURN core.refused('already_member');
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.core_invite_v1(p_scope uuid, p_user uuid, p_key text) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_user_command(p_scope, 'invite', p_key, jsonb_build_object('user', p_user));
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_member CONSTANT public.core_members := core.member_of(p_scope, v_command.actor_id);
  v_reply CONSTANT jsonb := coalesce(
    v_command.reply,
    core.member_refusal(v_member),
    core.write_refusal(v_scope.system_mode),
    core.invite_refusal(v_scope, v_member, p_user)
  );
  v_invite public.core_invites;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_invite := core.issue_invite(v_scope, p_user, v_command.actor_id);
  IF v_invite.id IS NULL THEN
    RETURN core.refused('invite_pending');
  END IF;
  INSERT INTO public.core_members (scope_id, user_id, state)
  VALUES (p_scope, p_user, 'invited')
  ON CONFLICT (scope_id, user_id) DO UPDATE
  SET state = 'invited', role = 'member', removed_at = NULL, removed_by = NULL;
  RETURN core.close_command(v_command, core.done('invite_issued', jsonb_build_object(
    'invite_id', v_invite.id, 'expires_at', v_invite.expires_at,
    'policy_version', v_invite.policy_version, 'policy_hash', v_invite.policy_hash
  )));
END
$$;

-- The invitation is held by its own lock, after the scope's.
CREATE FUNCTION core.locked_invite(p_invite uuid) RETURNS public.core_invites
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  SELECT invite.*
  FROM public.core_invites AS invite
  WHERE invite.id = p_invite
  AND invite.invited_user_id = auth.uid()
  FOR UPDATE
$$;

-- Why an invitation cannot be answered now; accepted ones answer as before while what they gave lasts.
CREATE FUNCTION core.answer_refusal(p_invite public.core_invites, p_scope public.core_scopes) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_state CONSTANT text := (core.member_of(p_scope.id, auth.uid())).state;
BEGIN
  IF v_state = 'removed' OR (p_invite.status = 'accepted' AND v_state <> 'joined') THEN
    RETURN core.refused('membership_revoked');
  ELSIF
    -- guard: invite-accepted
    p_invite.status = 'accepted'
    -- guard: invite-accepted
  THEN
    RETURN core.done('already_member', jsonb_build_object('scope_id', p_scope.id));
  ELSIF p_invite.status = 'expired' OR (p_invite.status = 'pending' AND p_invite.expires_at <= clock_timestamp()) THEN
    RETURN core.refused('invite_expired');
  ELSIF p_invite.status = 'revoked' THEN
    RETURN core.refused('invite_revoked');
  ELSIF p_invite.status = 'rejected' THEN
    RETURN core.refused('invite_rejected');
  ELSIF
    -- guard: invite-policy
    (p_invite.policy_version, p_invite.policy_hash) IS DISTINCT FROM (p_scope.policy_version, p_scope.policy_hash)
    -- guard: invite-policy
  THEN
    RETURN core.refused('invite_policy_changed');
  ELSIF p_invite.inviter_id = p_invite.invited_user_id THEN
    RETURN core.refused('approval_pending');
  END IF;
  RETURN core.write_refusal(p_scope.system_mode);
END
$$;

CREATE FUNCTION core.decide_invite(p_invite uuid, p_status text) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE public.core_invites AS invite
  SET status = p_status, decided_at = clock_timestamp()
  WHERE invite.id = p_invite
$$;

CREATE FUNCTION core.answer_invite(p_invite uuid, p_key text, p_accept boolean) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_scope_id CONSTANT uuid := (
    SELECT invite.scope_id FROM public.core_invites AS invite WHERE invite.id = p_invite AND invite.invited_user_id = auth.uid()
  );
  v_command CONSTANT core.command := core.open_user_command(
    v_scope_id, CASE WHEN p_accept THEN 'accept_invite' ELSE 'reject_invite' END, p_key, jsonb_build_object('invite', p_invite)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(
    v_command.reply,
    CASE WHEN v_scope_id IS NULL THEN core.refused('invite_not_found') END,
    core.answer_refusal(core.locked_invite(p_invite), v_scope),
    CASE WHEN p_accept THEN core.join_refusal(v_scope) END
  );
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  PERFORM core.decide_invite(p_invite, CASE WHEN p_accept THEN 'accepted' ELSE 'rejected' END);
  IF p_accept THEN
    PERFORM core.add_member(v_scope_id, v_command.actor_id, 'member');
  END IF;
  RETURN core.close_command(v_command, core.done(
    CASE WHEN p_accept THEN 'invite_accepted' ELSE 'invite_rejected' END, jsonb_build_object('scope_id', v_scope_id)
  ));
END
$$;

CREATE FUNCTION public.core_accept_invite_v1(p_invite uuid, p_key text) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT core.answer_invite(p_invite, p_key, true)
$$;

CREATE FUNCTION public.core_reject_invite_v1(p_invite uuid, p_key text) RETURNS jsonb
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
  SELECT core.answer_invite(p_invite, p_key, false)
$$;

-- Why somebody does not come in by themselves; to a stranger a private scope is not there.
CREATE FUNCTION core.entry_refusal(p_scope public.core_scopes, p_member public.core_members) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE
    WHEN p_member.state = 'joined' THEN core.refused('already_member')
    WHEN p_scope.id IS NULL OR p_scope.visibility = 'private' THEN core.member_refusal(p_member)
    WHEN p_member.state = 'removed' AND p_member.removed_by <> p_member.user_id THEN core.refused('membership_revoked')
  END;
END
$$;

-- By oneself, where the policy lets everybody in.
CREATE FUNCTION core.join_self(p_scope public.core_scopes, p_member public.core_members) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_refusal CONSTANT jsonb := coalesce(
    core.entry_refusal(p_scope, p_member),
    CASE WHEN p_scope.join_mode <> 'open' OR NOT (core.policy_in_force(p_scope.id)).self_join_enabled THEN core.refused('join_not_open') END,
    core.join_refusal(p_scope)
  );
BEGIN
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  END IF;
  -- Who comes by the open door has no use for an invitation any more.
  UPDATE public.core_invites AS invite
  SET status = 'accepted', decided_at = clock_timestamp()
  WHERE invite.scope_id = p_scope.id
  AND invite.invited_user_id = auth.uid()
  AND invite.status = 'pending';
  PERFORM core.add_member(p_scope.id, auth.uid(), 'member');
  RETURN core.done('joined');
END
$$;

-- A request is an invitation that its own subject makes and others approve.
CREATE FUNCTION core.request_join(p_scope public.core_scopes, p_member public.core_members) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_refusal CONSTANT jsonb := core.entry_refusal(p_scope, p_member);
  v_invite public.core_invites;
BEGIN
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  ELSIF p_scope.join_mode <> 'approval' THEN
    RETURN core.refused('approval_not_applicable');
  END IF;
  v_invite := core.issue_invite(p_scope, auth.uid(), auth.uid());
  IF v_invite.id IS NULL THEN
    RETURN core.refused('invite_pending');
  END IF;
  RETURN core.done('approval_requested', jsonb_build_object('invite_id', v_invite.id));
END
$$;

-- The quorum's last approval lets the person in.
CREATE FUNCTION core.approve_join(p_scope public.core_scopes, p_member public.core_members, p_user uuid) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_policy CONSTANT public.core_policies := core.policy_in_force(p_scope.id);
  v_invite public.core_invites;
BEGIN
  IF p_member.role <> ALL (v_policy.approval_roles) THEN
    RETURN core.refused('not_permitted');
  ELSIF core.join_refusal(p_scope) IS NOT NULL THEN
    RETURN core.join_refusal(p_scope);
  END IF;
  UPDATE public.core_invites AS invite
  SET approved_by = ARRAY(SELECT DISTINCT unnest(invite.approved_by || auth.uid()))
  WHERE invite.scope_id = p_scope.id
  AND invite.invited_user_id = p_user
  AND invite.inviter_id = p_user
  AND invite.status = 'pending'
  AND invite.expires_at > clock_timestamp()
  RETURNING * INTO v_invite;
  IF v_invite.id IS NULL THEN
    RETURN core.refused('invite_not_found');
  ELSIF cardinality(v_invite.approved_by) < v_policy.approval_quorum THEN
    RETURN core.done('approval_counted', jsonb_build_object('approvals', cardinality(v_invite.approved_by)));
  END IF;
  PERFORM core.decide_invite(v_invite.id, 'accepted');
  PERFORM core.add_member(p_scope.id, p_user, 'member');
  RETURN core.done('approved');
END
$$;

-- By oneself or by somebody who stands above; the last owner stays.
CREATE FUNCTION core.remove_member(p_scope public.core_scopes, p_member public.core_members, p_user uuid) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_target CONSTANT public.core_members := core.member_of(p_scope.id, p_user);
  v_rank CONSTANT integer := core.role_rank(p_member.role);
  v_refusal CONSTANT jsonb := CASE
    WHEN p_scope.scope_type = 'dm' THEN core.refused('not_applicable')
    WHEN v_target.user_id IS NULL OR v_target.state = 'removed' THEN core.refused('member_not_found')
    WHEN p_user <> p_member.user_id AND (v_rank < 2 OR v_rank <= core.role_rank(v_target.role)) THEN core.refused('not_permitted')
    WHEN v_target.role = 'owner' AND core.is_last_owner(p_scope.id) THEN core.refused('last_owner')
  END;
BEGIN
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  END IF;
  UPDATE public.core_members AS member
  SET state = 'removed', removed_at = clock_timestamp(), removed_by = auth.uid()
  WHERE member.scope_id = p_scope.id
  AND member.user_id = p_user;
  UPDATE public.core_invites AS invite
  SET status = 'revoked', decided_at = clock_timestamp()
  WHERE invite.scope_id = p_scope.id
  AND invite.invited_user_id = p_user
  AND invite.status = 'pending';
  UPDATE public.core_scopes AS scope
  SET member_count = scope.member_count - 1
  WHERE scope.id = p_scope.id
  AND v_target.state = 'joined';
  RETURN core.done('removed');
END
$$;

CREATE FUNCTION core.is_last_owner(p_scope uuid) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*) = 1
  FROM public.core_members AS member
  WHERE member.scope_id = p_scope
  AND member.role = 'owner'
  AND member.state = 'joined'
$$;

-- An owner gives any role, an admin those below their own, to members who stand below them.
CREATE FUNCTION core.set_role(p_scope public.core_scopes, p_member public.core_members, p_user uuid, p_role text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_target CONSTANT public.core_members := core.member_of(p_scope.id, p_user);
  v_rank CONSTANT integer := core.role_rank(p_member.role);
  v_refusal CONSTANT jsonb := CASE
    WHEN core.role_rank(p_role) IS NULL THEN core.refused('role_invalid')
    WHEN p_scope.scope_type = 'dm' THEN core.refused('not_applicable')
    WHEN v_target.state IS DISTINCT FROM 'joined' THEN core.refused('member_not_found')
    WHEN v_rank < 3 OR (v_rank = 3 AND greatest(core.role_rank(v_target.role), core.role_rank(p_role)) >= 3)
    THEN core.refused('not_permitted')
    WHEN v_target.role = 'owner' AND p_role <> 'owner' AND core.is_last_owner(p_scope.id) THEN core.refused('last_owner')
  END;
BEGIN
  IF v_refusal IS NOT NULL THEN
    RETURN v_refusal;
  END IF;
  UPDATE public.core_members AS member
  SET role = p_role
  WHERE member.scope_id = p_scope.id
  AND member.user_id = p_user;
  RETURN core.done('role_set', jsonb_build_object('role', p_role));
END
$$;

CREATE FUNCTION core.membership_reply(
  p_scope public.core_scopes, p_member public.core_members, p_user uuid, p_action text, p_role text
) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_refusal CONSTANT jsonb := coalesce(
    CASE WHEN p_action IN ('join', 'request', 'leave') AND p_user IS DISTINCT FROM auth.uid() THEN core.refused('not_permitted') END,
    CASE WHEN p_action NOT IN ('join', 'request') THEN core.member_refusal(p_member) END,
    CASE WHEN p_member.state = 'joined' OR p_scope.visibility <> 'private' THEN core.write_refusal(p_scope.system_mode) END
  );
BEGIN
  RETURN CASE
    WHEN v_refusal IS NOT NULL THEN v_refusal
    WHEN p_action = 'join' THEN core.join_self(p_scope, p_member)
    WHEN p_action = 'request' THEN core.request_join(p_scope, p_member)
    WHEN p_action = 'approve' THEN core.approve_join(p_scope, p_member, p_user)
    WHEN p_action IN ('leave', 'remove') THEN core.remove_member(p_scope, p_member, p_user)
    WHEN p_action = 'set_role' THEN core.set_role(p_scope, p_member, p_user, p_role)
    ELSE core.refused('action_invalid')
  END;
END
$$;

CREATE FUNCTION public.core_change_membership_v1(
  p_scope uuid,
  p_user uuid,
  p_action text,
  p_key text,
  p_role text DEFAULT NULL,
  p_reason_code text DEFAULT NULL,
  p_reason_text text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_user_command(p_scope, 'change_membership', p_key, jsonb_build_object(
    'user', p_user, 'action', p_action, 'role', p_role, 'reason_code', p_reason_code, 'reason_text', p_reason_text
  ));
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_to_others CONSTANT boolean := p_action IN ('remove', 'set_role');
  v_reply jsonb := coalesce(v_command.reply, CASE WHEN v_to_others THEN core.reason_refusal(p_reason_code, p_reason_text) END);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_reply := core.membership_reply(v_scope, core.member_of(p_scope, v_command.actor_id), p_user, p_action, p_role);
  IF v_to_others AND (v_reply ->> 'ok')::boolean THEN
    PERFORM core.log_action(
      p_scope, p_action || '_member', p_reason_code, p_reason_text, jsonb_build_object('user_id', p_user, 'role', p_role)
    );
  END IF;
  RETURN core.close_command(v_command, v_reply);
END
$$;

-- Operations: the service role alone ------------------------------------------------------------------------------------------

-- Steps that a scope's visibility may take at once. Back from public to private needs the freeze in which it is reindexed.
CREATE FUNCTION core.transition_refusal(p_scope public.core_scopes, p_policy jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_step CONSTANT text := p_scope.visibility || ' ' || (p_policy ->> 'visibility');
  v_frozen CONSTANT boolean := p_scope.system_mode = 'maintenance_write_freeze';
BEGIN
  IF v_step = 'private public' THEN
    RETURN core.refused('visibility_transition_invalid');
  ELSIF (v_step = 'public private' OR p_scope.delivery_strategy <> p_policy ->> 'delivery_strategy') AND NOT v_frozen THEN
    RETURN core.refused('freeze_required');
  ELSIF p_scope.system_mode NOT IN ('normal', 'maintenance_write_freeze') THEN
    RETURN core.write_refusal(p_scope.system_mode);
  END IF;
  RETURN NULL;
END
$$;

-- The new version comes into force; invitations under the old one are void, and what it changes in delivery is rebuilt.
CREATE FUNCTION core.enforce_policy(p_scope public.core_scopes, p_policy jsonb, p_hash text) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  PERFORM core.write_policy(p_scope.id, p_scope.policy_version + 1, p_policy, p_hash);
  UPDATE public.core_scopes AS scope
  SET policy_version = scope.policy_version + 1,
    policy_hash = p_hash,
    visibility = p_policy ->> 'visibility',
    join_mode = p_policy ->> 'join_mode',
    delivery_strategy = p_policy ->> 'delivery_strategy',
    invite_ttl_hours = (p_policy ->> 'invite_ttl')::integer,
    data_classification = p_policy ->> 'data_classification_defaults',
    updated_at = clock_timestamp()
  WHERE scope.id = p_scope.id;
  UPDATE public.core_invites AS invite
  SET status = 'revoked', decided_at = clock_timestamp()
  WHERE invite.scope_id = p_scope.id
  AND invite.status = 'pending';
  UPDATE public.core_projections AS projection
  SET mode = 'rebuilding'
  WHERE projection.scope_id = p_scope.id
  AND (
    p_scope.delivery_strategy <> p_policy ->> 'delivery_strategy'
    OR (p_scope.visibility, p_policy ->> 'visibility') = ('public', 'private')
  );
  RETURN core.done('policy_updated', jsonb_build_object('policy_version', p_scope.policy_version + 1, 'policy_hash', p_hash));
END
$$;

CREATE FUNCTION public.core_update_policy_v1(
  p_scope uuid, p_policy jsonb, p_policy_hash text, p_reason_code text, p_key text, p_reason_text text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(
    p_scope, 'update_policy', p_key, jsonb_build_object('policy', p_policy, 'policy_hash', p_policy_hash)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply jsonb := coalesce(
    v_command.reply,
    core.reason_refusal(p_reason_code, p_reason_text),
    core.absent_refusal(v_scope),
    core.policy_refusal(v_scope.scope_type, v_scope.is_large, p_policy)
  );
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  ELSIF
    -- guard: policy-hash
    core.policy_hash(p_policy) IS DISTINCT FROM p_policy_hash
    -- guard: policy-hash
  THEN
    RETURN core.refused('policy_hash_mismatch');
  END IF;
  v_reply := core.transition_refusal(v_scope, p_policy);
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_reply := core.enforce_policy(v_scope, p_policy, p_policy_hash);
  PERFORM core.log_action(p_scope, 'update_policy', p_reason_code, p_reason_text, v_reply);
  RETURN core.close_command(v_command, v_reply);
END
$$;

CREATE FUNCTION public.core_mark_large_v1(
  p_scope uuid, p_is_large boolean, p_reason_code text, p_key text, p_reason_text text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_details CONSTANT jsonb := jsonb_build_object('is_large', p_is_large);
  v_command CONSTANT core.command := core.open_service_command(p_scope, 'mark_large', p_key, v_details);
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.reason_refusal(p_reason_code, p_reason_text), CASE
    WHEN v_scope.id IS NULL THEN core.refused('scope_not_found')
    WHEN v_scope.scope_type <> 'channel' OR p_is_large IS NULL THEN core.refused('not_applicable')
    WHEN p_is_large AND v_scope.delivery_strategy <> 'fanout_on_read' THEN core.refused('fanout_on_read_required')
    WHEN NOT p_is_large AND v_scope.member_count >= 50000 THEN core.refused('not_applicable')
  END);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  UPDATE public.core_scopes AS scope SET is_large = p_is_large WHERE scope.id = p_scope;
  PERFORM core.log_action(p_scope, 'mark_large', p_reason_code, p_reason_text, v_details);
  RETURN core.close_command(v_command, core.done('marked', v_details));
END
$$;

-- What the scope is at this number; reads hold to it while a migration works.
CREATE FUNCTION core.take_snapshot(p_scope uuid) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_seq bigint;
  v_state jsonb;
BEGIN
  SELECT scope.scope_max_seq, jsonb_build_object(
    'scope', to_jsonb(scope),
    'members', (
      SELECT coalesce(jsonb_agg(jsonb_build_object('user_id', member.user_id, 'role', member.role, 'state', member.state) ORDER BY member.user_id), '[]')
      FROM public.core_members AS member
      WHERE member.scope_id = scope.id
    )
  )
  INTO v_seq, v_state
  FROM public.core_scopes AS scope
  WHERE scope.id = p_scope;
  INSERT INTO public.core_snapshots (scope_id, snapshot_seq, state, state_hash)
  VALUES (p_scope, v_seq, v_state, core.hash_of(v_state))
  ON CONFLICT (scope_id, snapshot_seq) DO UPDATE
  SET state = EXCLUDED.state, state_hash = EXCLUDED.state_hash, created_at = now();
  RETURN v_seq;
END
$$;

-- Operators who agreed to this change within the hour and since the last change; the service as such is nobody.
CREATE FUNCTION core.approvals_of(p_scope uuid, p_mode text) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(DISTINCT approval.actor_id)
  FROM public.core_admin_actions AS approval
  WHERE approval.scope_id = p_scope
  AND approval.action = 'approve_maintenance'
  AND approval.details ->> 'mode' = p_mode
  AND approval.created_at > clock_timestamp() - interval '1 hour'
  AND approval.created_at > (
    SELECT coalesce(max(change.created_at), '-infinity')
    FROM public.core_admin_actions AS change
    WHERE change.scope_id = p_scope
    AND change.action = 'set_maintenance'
  )
$$;

CREATE FUNCTION core.maintenance_refusal(p_scope public.core_scopes, p_mode text) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_step CONSTANT text := p_scope.system_mode || ' ' || p_mode;
  v_full CONSTANT boolean := 'maintenance_full' IN (p_scope.system_mode, p_mode);
BEGIN
  IF p_scope.id IS NULL THEN
    RETURN core.refused('scope_not_found');
  ELSIF coalesce(v_step NOT IN (
    'normal maintenance_write_freeze', 'maintenance_write_freeze normal',
    'maintenance_write_freeze read_only_safe', 'read_only_safe maintenance_write_freeze',
    'maintenance_write_freeze maintenance_full', 'maintenance_full maintenance_write_freeze'
  ), true) THEN
    RETURN core.refused('maintenance_transition_invalid');
  ELSIF 3 <= (
    SELECT count(*) FROM public.core_admin_actions AS change
    WHERE change.scope_id = p_scope.id
    AND change.action = 'set_maintenance'
    AND change.created_at > clock_timestamp() - interval '1 hour'
  ) THEN
    RETURN core.refused('maintenance_rate_exceeded');
  ELSIF EXISTS (
    SELECT 1 FROM public.core_migrations AS journal
    WHERE journal.scope_id = p_scope.id AND journal.in_progress
    AND (v_full OR journal.kind = 'migration') AND journal.kind <> 'projection_rebuild'
  ) THEN
    RETURN core.refused('work_in_progress');
  ELSIF v_full AND core.approvals_of(p_scope.id, p_mode) < 2 THEN
    RETURN core.refused('approvals_required', '{"approvals": 2}');
  ELSIF p_mode = 'normal' AND EXISTS (
    SELECT 1 FROM public.core_projections AS projection WHERE projection.scope_id = p_scope.id AND projection.mode = 'rebuilding'
  ) THEN
    RETURN core.refused('rebuild_required');
  END IF;
  RETURN NULL;
END
$$;

CREATE FUNCTION public.core_set_maintenance_v1(
  p_scope uuid, p_mode text, p_reason_code text, p_key text, p_reason_text text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_mode CONSTANT text := CASE p_mode WHEN 'write_freeze' THEN 'maintenance_write_freeze' ELSE p_mode END;
  v_command CONSTANT core.command := core.open_service_command(p_scope, 'set_maintenance', p_key, jsonb_build_object('mode', v_mode));
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(
    v_command.reply, core.reason_refusal(p_reason_code, p_reason_text), core.maintenance_refusal(v_scope, v_mode)
  );
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  UPDATE public.core_scopes AS scope
  SET system_mode = v_mode, updated_at = clock_timestamp()
  WHERE scope.id = p_scope;
  IF v_mode = 'read_only_safe' THEN
    PERFORM core.take_snapshot(p_scope);
  END IF;
  PERFORM core.log_action(
    p_scope, 'set_maintenance', p_reason_code, p_reason_text, jsonb_build_object('from', v_scope.system_mode, 'to', v_mode)
  );
  RETURN core.close_command(v_command, core.done('maintenance_set', jsonb_build_object('system_mode', v_mode)));
END
$$;

CREATE FUNCTION public.core_approve_maintenance_v1(
  p_scope uuid, p_mode text, p_reason_code text, p_key text, p_reason_text text DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_mode CONSTANT text := CASE p_mode WHEN 'write_freeze' THEN 'maintenance_write_freeze' ELSE p_mode END;
  v_details CONSTANT jsonb := jsonb_build_object('mode', v_mode);
  v_command CONSTANT core.command := core.open_service_command(p_scope, 'approve_maintenance', p_key, v_details);
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.reason_refusal(p_reason_code, p_reason_text), CASE
    WHEN v_command.actor_id IS NULL THEN core.refused('operator_unknown')
    WHEN coalesce(v_mode NOT IN ('maintenance_full', 'maintenance_write_freeze'), true) THEN core.refused('not_applicable')
    WHEN v_scope.id IS NULL THEN core.refused('scope_not_found')
  END);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  PERFORM core.log_action(p_scope, 'approve_maintenance', p_reason_code, p_reason_text, v_details);
  RETURN core.close_command(v_command, core.done(
    'maintenance_approved', jsonb_build_object('approvals', core.approvals_of(p_scope, v_mode))
  ));
END
$$;

-- The journal's row of this work, begun where there is none. The scope's row is locked.
CREATE FUNCTION core.journal_of(p_scope uuid, p_kind text, p_name text, p_first_step text) RETURNS public.core_migrations
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_journal public.core_migrations;
BEGIN
  SELECT journal.*
  INTO v_journal
  FROM public.core_migrations AS journal
  WHERE journal.scope_id = p_scope
  AND journal.kind = p_kind
  AND journal.in_progress;
  IF
    -- guard: journal-resumed
    v_journal.id IS NULL
    -- guard: journal-resumed
  THEN
    INSERT INTO public.core_migrations (scope_id, kind, name, step)
    VALUES (p_scope, p_kind, p_name, p_first_step)
    RETURNING * INTO v_journal;
  END IF;
  RETURN v_journal;
END
$$;

CREATE FUNCTION core.advance_journal(p_journal uuid, p_step text, p_state text, p_checkpoint bigint) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE public.core_migrations AS journal
  SET step = p_step, state = p_state, checkpoint = p_checkpoint, attempts = journal.attempts + 1,
    in_progress = p_state <> 'done', updated_at = clock_timestamp()
  WHERE journal.id = p_journal
$$;

-- Events after the watermark, a batch at a time, into every member's projection.
CREATE FUNCTION core.project_batch(p_scope uuid, p_after bigint, p_to bigint) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  UPDATE public.core_projections AS projection
  SET last_event_seq = p_to,
    last_event_at = coalesce(
      (
        SELECT event.server_time
        FROM public.core_events AS event
        WHERE event.scope_id = p_scope
        AND event.event_seq > p_after
        AND event.event_seq <= p_to
        ORDER BY event.event_seq DESC
        LIMIT 1
      ),
      projection.last_event_at
    ),
    unread_count = projection.unread_count + (
      SELECT count(*)
      FROM public.core_events AS event
      WHERE event.scope_id = p_scope
      AND event.command_type = 'message_send'
      AND event.event_seq > greatest(p_after, member.last_read_seq)
      AND event.event_seq <= p_to
      AND
        -- guard: rebuild-others
        event.actor_id <> member.user_id
        -- guard: rebuild-others
    )
  FROM public.core_members AS member
  WHERE projection.scope_id = p_scope
  AND member.scope_id = p_scope
  AND member.user_id = projection.user_id;
  UPDATE public.core_projection_watermarks AS watermark
  SET dialogs_watermark_seq = p_to, unread_watermark_seq = p_to, updated_at = clock_timestamp()
  WHERE watermark.scope_id = p_scope;
END
$$;

-- Begins a new version of the projections at zero.
CREATE FUNCTION core.begin_rebuild(p_scope uuid) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  UPDATE public.core_projections AS projection
  SET mode = 'rebuilding', unread_count = 0, last_event_seq = 0, last_event_at = NULL
  WHERE projection.scope_id = p_scope;
  UPDATE public.core_projection_watermarks AS watermark
  SET version = watermark.version + 1, dialogs_watermark_seq = 0, unread_watermark_seq = 0, updated_at = clock_timestamp()
  WHERE watermark.scope_id = p_scope
$$;

CREATE FUNCTION public.core_rebuild_projection_v1(p_scope uuid, p_key text, p_batch integer DEFAULT 10000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(
    p_scope, 'rebuild_projection', p_key, jsonb_build_object('batch', p_batch)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch), core.absent_refusal(v_scope));
  v_journal public.core_migrations;
  v_to bigint;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_journal := core.journal_of(p_scope, 'projection_rebuild', 'projection_rebuild', 'snapshot');
  IF v_journal.step = 'snapshot' THEN
    PERFORM core.begin_rebuild(p_scope);
  END IF;
  v_to := least(v_journal.checkpoint + p_batch, v_scope.scope_max_seq);
  PERFORM core.project_batch(p_scope, v_journal.checkpoint, v_to);
  IF v_to = v_scope.scope_max_seq THEN
    UPDATE public.core_projections AS projection SET mode = 'normal' WHERE projection.scope_id = p_scope;
    PERFORM core.advance_journal(v_journal.id, 'finished', 'done', v_to);
  ELSE
    PERFORM core.advance_journal(v_journal.id, 'apply', 'running', v_to);
  END IF;
  RETURN core.close_command(v_command, core.done(
    CASE WHEN v_to = v_scope.scope_max_seq THEN 'projection_rebuilt' ELSE 'projection_rebuilding' END,
    jsonb_build_object('watermark_seq', v_to, 'scope_max_seq', v_scope.scope_max_seq)
  ));
END
$$;

-- Events whose class's days are over, oldest first, and the unread counts in which they stood; numbers are never given again.
CREATE FUNCTION core.purge_batch(p_scope uuid, p_batch integer) RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
  WITH purged AS (
    DELETE FROM public.core_events AS event
    USING (
      SELECT old.event_seq
      FROM unnest('{normal,sensitive,regulated}'::text[]) AS class (name)
      CROSS JOIN LATERAL (
        SELECT one.event_seq
        FROM public.core_events AS one
        WHERE one.scope_id = p_scope
        AND one.classification = class.name
        AND one.server_time < now() - make_interval(days => core.retention_days(class.name))
        ORDER BY one.server_time
        LIMIT p_batch
      ) AS old
      ORDER BY old.event_seq
      LIMIT p_batch
    ) AS due
    WHERE event.scope_id = p_scope
    AND event.event_seq = due.event_seq
    RETURNING event.event_seq, event.command_type, event.actor_id
  ), uncounted AS (
    UPDATE public.core_projections AS projection
    SET unread_count = greatest(0, projection.unread_count - gone.messages)
    FROM public.core_members AS member
    JOIN public.core_projection_watermarks AS watermark ON watermark.scope_id = member.scope_id
    CROSS JOIN LATERAL (
      SELECT count(*) AS messages
      FROM purged
      WHERE purged.command_type = 'message_send'
      AND purged.event_seq > member.last_read_seq
      AND purged.event_seq <= watermark.unread_watermark_seq
      AND purged.actor_id <> member.user_id
    ) AS gone
    WHERE projection.scope_id = p_scope
    AND member.scope_id = p_scope
    AND member.user_id = projection.user_id
    AND gone.messages > 0
  )
  SELECT count(*) FROM purged
$$;

CREATE FUNCTION public.core_purge_retention_v1(p_scope uuid, p_key text, p_batch integer DEFAULT 1000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(
    p_scope, 'purge_retention', p_key, jsonb_build_object('batch', p_batch)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch), core.absent_refusal(v_scope), CASE
    WHEN v_scope.system_mode IN ('read_only_safe', 'maintenance_full') THEN core.write_refusal(v_scope.system_mode)
  END);
  v_journal public.core_migrations;
  v_purged bigint;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_journal := core.journal_of(p_scope, 'retention_purge', 'retention_purge', 'apply');
  v_purged := core.purge_batch(p_scope, p_batch);
  PERFORM core.advance_journal(
    v_journal.id, CASE WHEN v_purged < p_batch THEN 'finished' ELSE 'apply' END,
    CASE WHEN v_purged < p_batch THEN 'done' ELSE 'running' END, v_journal.checkpoint + v_purged
  );
  RETURN core.close_command(v_command, core.done(
    CASE WHEN v_purged < p_batch THEN 'purged' ELSE 'purging' END, jsonb_build_object('purged', v_purged)
  ));
END
$$;

CREATE FUNCTION public.core_expire_invites_v1(p_key text, p_batch integer DEFAULT 1000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(NULL, 'expire_invites', p_key, jsonb_build_object('batch', p_batch));
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch));
  v_expired bigint;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  -- Who is being answered at this moment is left to that answer.
  UPDATE public.core_invites AS invite
  SET status = 'expired', decided_at = clock_timestamp()
  WHERE invite.id IN (
    SELECT due.id
    FROM public.core_invites AS due
    WHERE due.status = 'pending'
    AND due.expires_at <= now()
    ORDER BY due.expires_at
    LIMIT p_batch
    FOR UPDATE SKIP LOCKED
  );
  GET DIAGNOSTICS v_expired = ROW_COUNT;
  RETURN core.close_command(v_command, core.done('invites_expired', jsonb_build_object('expired', v_expired)));
END
$$;

CREATE FUNCTION public.core_purge_rate_limits_v1(p_key text, p_batch integer DEFAULT 10000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(
    NULL, 'purge_rate_limits', p_key, jsonb_build_object('batch', p_batch)
  );
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch));
  v_purged bigint;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  DELETE FROM public.core_rate_limits AS call
  WHERE call.ctid = ANY (ARRAY(
    SELECT old.ctid
    FROM public.core_rate_limits AS old
    WHERE old.called_at < now() - interval '2 minutes'
    LIMIT p_batch
    FOR UPDATE SKIP LOCKED
  ));
  GET DIAGNOSTICS v_purged = ROW_COUNT;
  RETURN core.close_command(v_command, core.done('rate_limits_purged', jsonb_build_object('purged', v_purged)));
END
$$;

-- Copied first, then deleted: the guard of outcomes lets go of what the archive holds. NULL: the archive does not answer.
CREATE FUNCTION core.archive_batch(p_batch integer) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET lock_timeout = '200ms'
AS $$
DECLARE
  v_moved bigint := 0;
  v_due record;
BEGIN
  FOR v_due IN
    SELECT stored.ctid, stored.*
    FROM public.core_outcomes AS stored
    WHERE stored.tier = 'hot'
    AND stored.created_at < now() - interval '730 days'
    ORDER BY stored.created_at
    LIMIT p_batch
    FOR UPDATE SKIP LOCKED
  LOOP
    INSERT INTO public.core_outcomes (
      tier, actor_id, scope_id, command_type, event_idempotency_key, state, outcome, code, payload_hash, created_at, archived_at
    )
    VALUES (
      'archive', v_due.actor_id, v_due.scope_id, v_due.command_type, v_due.event_idempotency_key, 'archived', v_due.outcome,
      v_due.code, v_due.payload_hash, v_due.created_at, now()
    );
    DELETE FROM public.core_outcomes AS stored WHERE stored.tier = 'hot' AND stored.ctid = v_due.ctid;
    v_moved := v_moved + 1;
  END LOOP;
  RETURN v_moved;
EXCEPTION
  WHEN lock_not_available THEN
    RETURN NULL;
END
$$;

CREATE FUNCTION public.core_archive_outcomes_v1(p_key text, p_batch integer DEFAULT 1000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(NULL, 'archive_outcomes', p_key, jsonb_build_object('batch', p_batch));
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch));
  v_moved bigint;
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  v_moved := core.archive_batch(p_batch);
  IF v_moved IS NULL THEN
    RETURN core.refused('archive_unavailable');
  END IF;
  RETURN core.close_command(v_command, core.done('outcomes_archived', jsonb_build_object('archived', v_moved)));
END
$$;

-- One batch of the migration that gives every event the hash of its payload anew. A batch is whole or not at all; what retention
-- may have taken, events older than the shortest days of a class, is not missed.
CREATE FUNCTION core.rehash_batch(p_scope uuid, p_after bigint, p_to bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_kept CONSTANT bigint := coalesce(
    core.first_seq_since(p_scope, now() - make_interval(days => core.retention_days('sensitive'))), p_to + 1
  );
  v_found bigint;
BEGIN
  WITH rehashed AS (
    UPDATE public.core_events AS event
    SET payload_hash = core.hash_of(event.payload)
    WHERE event.scope_id = p_scope
    AND event.event_seq > p_after
    AND event.event_seq <= p_to
    RETURNING event.event_seq
  )
  SELECT count(*) FILTER (WHERE rehashed.event_seq >= v_kept)
  INTO v_found
  FROM rehashed;
  IF
    -- guard: batch-whole
    v_found < p_to - greatest(p_after, v_kept - 1)
    -- guard: batch-whole
  THEN
    RAISE EXCEPTION USING ERRCODE = 'data_corrupted', MESSAGE = 'events are missing within the batch';
  END IF;
  RETURN v_found;
END
$$;

-- The next step of a migration, as its journal says: snapshot, then batches, then a look at the whole. What fails is undone, and
-- the journal says so; whoever comes next goes on from the checkpoint.
CREATE FUNCTION core.migrate_on(p_scope public.core_scopes, p_journal public.core_migrations, p_batch integer) RETURNS jsonb
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_to CONSTANT bigint := least(p_journal.checkpoint + p_batch, p_scope.scope_max_seq);
BEGIN
  IF p_journal.step = 'snapshot' THEN
    PERFORM core.take_snapshot(p_scope.id);
    PERFORM core.advance_journal(p_journal.id, 'apply', 'running', 0);
    RETURN core.done('migration_started', '{"step": "snapshot"}');
  ELSIF p_journal.step = 'apply' THEN
    PERFORM core.rehash_batch(p_scope.id, p_journal.checkpoint, v_to);
    PERFORM core.advance_journal(p_journal.id, CASE WHEN v_to = p_scope.scope_max_seq THEN 'verify' ELSE 'apply' END, 'running', v_to);
    RETURN core.done('migration_applied', jsonb_build_object('step', 'apply', 'from', p_journal.checkpoint + 1, 'checkpoint', v_to));
  END IF;
  IF EXISTS (
    SELECT 1 FROM public.core_events AS event
    WHERE event.scope_id = p_scope.id AND event.payload_hash <> core.hash_of(event.payload)
  ) THEN
    RAISE EXCEPTION USING ERRCODE = 'data_corrupted', MESSAGE = 'an event''s hash is not that of its payload';
  END IF;
  PERFORM core.advance_journal(p_journal.id, 'finished', 'done', p_journal.checkpoint);
  RETURN core.done('migration_finished', '{"step": "finished"}');
EXCEPTION
  WHEN data_corrupted OR lock_not_available OR deadlock_detected OR program_limit_exceeded THEN
    PERFORM core.advance_journal(p_journal.id, p_journal.step, 'failed', p_journal.checkpoint);
    RETURN core.refused('migration_step_failed', jsonb_build_object('step', p_journal.step, 'checkpoint', p_journal.checkpoint, 'sqlstate', SQLSTATE));
END
$$;

CREATE FUNCTION public.core_migration_step_v1(p_scope uuid, p_migration text, p_key text, p_batch integer DEFAULT 1000) RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_command CONSTANT core.command := core.open_service_command(
    p_scope, 'migration_step', p_key, jsonb_build_object('migration', p_migration, 'batch', p_batch)
  );
  v_scope CONSTANT public.core_scopes := core.locked_scope(v_command);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.batch_refusal(p_batch), CASE
    WHEN p_migration IS DISTINCT FROM 'rehash_payloads' THEN core.refused('migration_unknown')
    WHEN v_scope.id IS NULL THEN core.refused('scope_not_found')
    WHEN v_scope.system_mode <> 'read_only_safe' THEN core.refused('read_only_required')
  END);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  ELSIF
    -- guard: migrated-once
    EXISTS (
      SELECT 1 FROM public.core_migrations AS journal
      WHERE journal.scope_id = p_scope AND journal.kind = 'migration' AND journal.name = p_migration AND journal.state = 'done'
    )
    -- guard: migrated-once
  THEN
    RETURN core.done('migration_finished', '{"step": "finished"}');
  END IF;
  RETURN core.close_command(
    v_command, core.migrate_on(v_scope, core.journal_of(p_scope, 'migration', p_migration, 'snapshot'), p_batch)
  );
END
$$;

CREATE FUNCTION public.core_set_setting_v1(p_name text, p_value integer, p_reason_code text, p_key text, p_reason_text text DEFAULT NULL)
RETURNS jsonb
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_details CONSTANT jsonb := jsonb_build_object('name', p_name, 'value', p_value);
  v_command CONSTANT core.command := core.open_service_command(NULL, 'set_setting', p_key, v_details);
  v_reply CONSTANT jsonb := coalesce(v_command.reply, core.reason_refusal(p_reason_code, p_reason_text), CASE
    WHEN core.setting(p_name) IS NULL THEN core.refused('setting_unknown')
    -- Without a call of its own the service could never give itself one back.
    WHEN coalesce(p_value < (p_name = 'command_service')::integer, true) THEN core.refused('setting_invalid')
  END);
BEGIN
  IF v_reply IS NOT NULL THEN
    RETURN v_reply;
  END IF;
  UPDATE core.settings AS setting SET value = p_value WHERE setting.name = p_name;
  PERFORM core.log_action(NULL, 'set_setting', p_reason_code, p_reason_text, v_details);
  RETURN core.close_command(v_command, core.done('setting_set', v_details));
END
$$;

-- Who may call what -----------------------------------------------------------------------------------------------------------

-- Inside, nobody but the owner: what a policy asks was granted with it.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA core FROM PUBLIC;

REVOKE ALL ON FUNCTION
  public.core_create_or_get_dm_v1(uuid, text),
  public.core_append_event_v1(uuid, text, jsonb, text, timestamptz, text, text),
  public.core_query_timeline_v1(uuid, bigint, integer, integer, text),
  public.core_get_dialog_metadata_v1(uuid[]),
  public.core_create_scope_v1(text, text, text, text, text, text, integer, text[], integer, boolean),
  public.core_command_status_v1(uuid, text, text),
  public.core_invite_v1(uuid, uuid, text),
  public.core_accept_invite_v1(uuid, text),
  public.core_reject_invite_v1(uuid, text),
  public.core_change_membership_v1(uuid, uuid, text, text, text, text, text),
  public.core_ack_v1(uuid, bigint, bigint, text),
  public.core_report_missing_v1(uuid, jsonb, text, text),
  public.core_update_policy_v1(uuid, jsonb, text, text, text, text),
  public.core_mark_large_v1(uuid, boolean, text, text, text),
  public.core_set_maintenance_v1(uuid, text, text, text, text),
  public.core_approve_maintenance_v1(uuid, text, text, text, text),
  public.core_rebuild_projection_v1(uuid, text, integer),
  public.core_purge_retention_v1(uuid, text, integer),
  public.core_expire_invites_v1(text, integer),
  public.core_purge_rate_limits_v1(text, integer),
  public.core_archive_outcomes_v1(text, integer),
  public.core_migration_step_v1(uuid, text, text, integer),
  public.core_set_setting_v1(text, integer, text, text, text)
FROM PUBLIC, anon, authenticated, service_role;

GRANT EXECUTE ON FUNCTION
  public.core_create_or_get_dm_v1(uuid, text),
  public.core_append_event_v1(uuid, text, jsonb, text, timestamptz, text, text),
  public.core_query_timeline_v1(uuid, bigint, integer, integer, text),
  public.core_get_dialog_metadata_v1(uuid[]),
  public.core_create_scope_v1(text, text, text, text, text, text, integer, text[], integer, boolean),
  public.core_command_status_v1(uuid, text, text),
  public.core_invite_v1(uuid, uuid, text),
  public.core_accept_invite_v1(uuid, text),
  public.core_reject_invite_v1(uuid, text),
  public.core_change_membership_v1(uuid, uuid, text, text, text, text, text),
  public.core_ack_v1(uuid, bigint, bigint, text),
  public.core_report_missing_v1(uuid, jsonb, text, text)
TO authenticated;

GRANT EXECUTE ON FUNCTION
  public.core_update_policy_v1(uuid, jsonb, text, text, text, text),
  public.core_mark_large_v1(uuid, boolean, text, text, text),
  public.core_set_maintenance_v1(uuid, text, text, text, text),
  public.core_approve_maintenance_v1(uuid, text, text, text, text),
  public.core_rebuild_projection_v1(uuid, text, integer),
  public.core_purge_retention_v1(uuid, text, integer),
  public.core_expire_invites_v1(text, integer),
  public.core_purge_rate_limits_v1(text, integer),
  public.core_archive_outcomes_v1(text, integer),
  public.core_migration_step_v1(uuid, text, text, integer),
  public.core_set_setting_v1(text, integer, text, text, text)
TO service_role;

COMMENT ON FUNCTION public.core_create_or_get_dm_v1(uuid, text) IS
'The direct message of the caller and another user, made where there is none. Repeatable by the pair itself, or by a key. Replies: dm_created, dm_exists; user_not_found, dm_self_not_allowed. Families: user, command.';
COMMENT ON FUNCTION public.core_append_event_v1(uuid, text, jsonb, text, timestamptz, text, text) IS
'Appends one event to a scope and answers its number. Replies: event_appended; not_supported, command_type_invalid, payload_invalid, payload_too_large, client_ts_invalid, argument_too_long, clock_skew, target_not_found, not_permitted. Families: user, command, member, writable, reason.';
COMMENT ON FUNCTION public.core_query_timeline_v1(uuid, bigint, integer, integer, text) IS
'Up to 200 events of a scope after a number, of the last 30 days at most. Replies: timeline; limit_exceeded, lookback_exceeded, limit_invalid, rate_limited, scope_unavailable. Families: user, member.';
COMMENT ON FUNCTION public.core_get_dialog_metadata_v1(uuid[]) IS
'The dialog entries of up to 200 scopes, of those in which the caller is. Replies: dialogs; limit_exceeded. Families: user.';
COMMENT ON FUNCTION public.core_create_scope_v1(text, text, text, text, text, text, integer, text[], integer, boolean) IS
'Creates a group, a channel or a service, owned by the caller. Replies: scope_created; scope_type_invalid, policy_value_invalid, policy_combination_invalid, invite_ttl_required. Families: user, command.';
COMMENT ON FUNCTION public.core_command_status_v1(uuid, text, text) IS
'What a command of the caller answered, from the hot tier or the archive. Replies: outcome_found; invalid_key, outcome_not_found, archive_unavailable. Families: user.';
COMMENT ON FUNCTION public.core_invite_v1(uuid, uuid, text) IS
'Invites a user under the policy in force. Replies: invite_issued; not_permitted, invite_not_applicable, user_not_found, already_member, invite_pending. Families: user, command, member, writable.';
COMMENT ON FUNCTION public.core_accept_invite_v1(uuid, text) IS
'Accepts an invitation of the caller; again: answers that they are a member. Replies: invite_accepted, already_member; invite_not_found, membership_revoked, invite_expired, invite_revoked, invite_rejected, invite_policy_changed, approval_pending, fanout_on_read_required. Families: user, command, writable.';
COMMENT ON FUNCTION public.core_reject_invite_v1(uuid, text) IS
'Rejects an invitation of the caller; one that they have accepted stays accepted. Replies: invite_rejected, already_member; invite_not_found, membership_revoked, invite_expired, invite_revoked, invite_rejected, invite_policy_changed, approval_pending. Families: user, command, writable.';
COMMENT ON FUNCTION public.core_change_membership_v1(uuid, uuid, text, text, text, text, text) IS
'Actions join, request and leave for oneself; approve, remove and set_role for others, the last two with a reason. Replies: joined, approval_requested, approval_counted, approved, removed, role_set; action_invalid, not_permitted, already_member, join_not_open, fanout_on_read_required, approval_not_applicable, invite_pending, invite_not_found, not_applicable, member_not_found, last_owner, role_invalid. Families: user, command, member, writable, reason.';
COMMENT ON FUNCTION public.core_ack_v1(uuid, bigint, bigint, text) IS
'How far the caller has received and read a scope, up to their last contiguous event. Replies: receipt_stored; ack_out_of_range, ack_invalid. Families: user, command, member, writable.';
COMMENT ON FUNCTION public.core_report_missing_v1(uuid, jsonb, text, text) IS
'Ranges that the caller lacks, answered with the queries that bring them. Replies: resync_offered, nothing_missing; ranges_invalid, ranges_exceeded, ranges_unrealistic. Families: user, command, member, writable.';
COMMENT ON FUNCTION public.core_update_policy_v1(uuid, jsonb, text, text, text, text) IS
'Puts the next version of a policy into force, given the hash of its eight fields. Replies: policy_updated; scope_not_found, policy_fields_invalid, policy_value_invalid, policy_combination_invalid, invite_ttl_required, fanout_on_read_required, policy_hash_mismatch, visibility_transition_invalid, freeze_required. Families: command, reason, writable.';
COMMENT ON FUNCTION public.core_mark_large_v1(uuid, boolean, text, text, text) IS
'Marks a channel as large, or takes the mark back. Replies: marked; scope_not_found, not_applicable, fanout_on_read_required. Families: command, reason.';
COMMENT ON FUNCTION public.core_set_maintenance_v1(uuid, text, text, text, text) IS
'Moves a scope one step between its modes, at most three times an hour. Replies: maintenance_set; scope_not_found, maintenance_transition_invalid, maintenance_rate_exceeded, work_in_progress, approvals_required, rebuild_required. Families: command, reason.';
COMMENT ON FUNCTION public.core_approve_maintenance_v1(uuid, text, text, text, text) IS
'An operator, named by the token, agrees to a step into or out of maintenance_full. Replies: maintenance_approved; operator_unknown, not_applicable, scope_not_found. Families: command, reason.';
COMMENT ON FUNCTION public.core_rebuild_projection_v1(uuid, text, integer) IS
'Rebuilds the projections of a scope from its events, a batch a call. Replies: projection_rebuilding, projection_rebuilt; batch_invalid, scope_not_found. Families: command.';
COMMENT ON FUNCTION public.core_purge_retention_v1(uuid, text, integer) IS
'Deletes events whose days are over, a batch a call. Replies: purging, purged; batch_invalid, scope_not_found. Families: command, writable.';
COMMENT ON FUNCTION public.core_expire_invites_v1(text, integer) IS
'Closes invitations whose time is over. Replies: invites_expired; batch_invalid. Families: command.';
COMMENT ON FUNCTION public.core_purge_rate_limits_v1(text, integer) IS
'Forgets calls that no longer count against a rate. Replies: rate_limits_purged; batch_invalid. Families: command.';
COMMENT ON FUNCTION public.core_archive_outcomes_v1(text, integer) IS
'Moves outcomes older than 730 days into the archive. Replies: outcomes_archived; batch_invalid. Families: command.';
COMMENT ON FUNCTION public.core_migration_step_v1(uuid, text, text, integer) IS
'Takes the next step of a journalled migration of a read-only scope. Replies: migration_started, migration_applied, migration_finished; batch_invalid, migration_unknown, scope_not_found, read_only_required, migration_step_failed. Families: command.';
COMMENT ON FUNCTION public.core_set_setting_v1(text, integer, text, text, text) IS
'Sets a limit a minute, or what a deployment decides. Replies: setting_set; setting_unknown, setting_invalid. Families: command, reason.';
