-- Thirteen guards in four families: what no statement may do to the core, the schema's owner included. A migration that the
-- journal names as in progress is exempt; it is asked for only where a guard would refuse.

CREATE FUNCTION core.is_migrating(p_scope uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1
    FROM public.core_migrations AS journal
    WHERE journal.scope_id = p_scope
    AND journal.kind = 'migration'
    AND journal.in_progress
  );
END
$$;

CREATE FUNCTION core.setting(p_name text) RETURNS integer
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN (SELECT setting.value FROM core.settings AS setting WHERE setting.name = p_name);
END
$$;

-- How every guard says no. NULL as the scope: no migration excuses it.
CREATE FUNCTION core.forbid(p_guard text, p_scope uuid, p_message text, p_detail text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF p_scope IS NOT NULL AND core.is_migrating(p_scope) THEN
    RETURN;
  END IF;
  RAISE EXCEPTION USING
    ERRCODE = 'integrity_constraint_violation',
    MESSAGE = p_message,
    DETAIL = coalesce(p_detail, ''),
    CONSTRAINT = p_guard;
END
$$;

-- Immutability ---------------------------------------------------------------------------------------------------------------

-- Of an event only the four marks of editing and deleting change, and only forward.
CREATE FUNCTION core.guard_events_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_marks CONSTANT text[] := '{edited_at,edit_count,deleted_at,deleted_by}';
BEGIN
  IF TG_OP = 'TRUNCATE' THEN
    PERFORM core.forbid(TG_NAME, NULL, 'events are append-only');
  ELSIF to_jsonb(NEW) - v_marks IS DISTINCT FROM to_jsonb(OLD) - v_marks THEN
    PERFORM core.forbid(TG_NAME, OLD.scope_id, 'events are append-only');
  ELSIF NEW.edit_count < OLD.edit_count OR (NEW.edited_at IS DISTINCT FROM OLD.edited_at AND NEW.edit_count <= OLD.edit_count) THEN
    PERFORM core.forbid(TG_NAME, OLD.scope_id, 'an edit only raises edit_count');
  ELSIF OLD.deleted_at IS NOT NULL AND (NEW.deleted_at, NEW.deleted_by) IS DISTINCT FROM (OLD.deleted_at, OLD.deleted_by) THEN
    PERFORM core.forbid(TG_NAME, OLD.scope_id, 'an event is deleted once');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_events_immutable
BEFORE UPDATE ON public.core_events
FOR EACH ROW EXECUTE FUNCTION core.guard_events_immutable();

CREATE TRIGGER guard_events_kept
BEFORE TRUNCATE ON public.core_events
FOR EACH STATEMENT EXECUTE FUNCTION core.guard_events_immutable();

CREATE FUNCTION core.guard_policies_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_LEVEL = 'STATEMENT' THEN
    PERFORM core.forbid(TG_NAME, NULL, 'a version of a policy never changes');
  ELSE
    PERFORM core.forbid(TG_NAME, OLD.scope_id, 'a version of a policy never changes');
  END IF;
  IF TG_OP = 'UPDATE' THEN
    RETURN NEW;
  END IF;
  RETURN OLD;
END
$$;

CREATE TRIGGER guard_policies_immutable
BEFORE UPDATE OR DELETE ON public.core_policies
FOR EACH ROW EXECUTE FUNCTION core.guard_policies_immutable();

CREATE TRIGGER guard_policies_kept
BEFORE TRUNCATE ON public.core_policies
FOR EACH STATEMENT EXECUTE FUNCTION core.guard_policies_immutable();

CREATE FUNCTION core.guard_identity_immutable() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_identity CONSTANT text[] := TG_ARGV[0]::text[];
  v_old CONSTANT jsonb := to_jsonb(OLD);
  v_new CONSTANT jsonb := to_jsonb(NEW);
BEGIN
  IF EXISTS (SELECT 1 FROM unnest(v_identity) AS name WHERE v_old -> name IS DISTINCT FROM v_new -> name) THEN
    PERFORM core.forbid(
      TG_NAME, (v_old ->> CASE WHEN TG_TABLE_NAME = 'core_scopes' THEN 'id' ELSE 'scope_id' END)::uuid, 'who and what a row is about never changes'
    );
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_scope_identity
BEFORE UPDATE OF id, scope_type, dm_user_low, dm_user_high, created_by, created_at ON public.core_scopes
FOR EACH ROW EXECUTE FUNCTION core.guard_identity_immutable('{id,scope_type,dm_user_low,dm_user_high,created_by,created_at}');

CREATE TRIGGER guard_member_identity
BEFORE UPDATE OF scope_id, user_id ON public.core_members
FOR EACH ROW EXECUTE FUNCTION core.guard_identity_immutable('{scope_id,user_id}');

-- Monotonicity ---------------------------------------------------------------------------------------------------------------

-- A scope's number rises by one, an event takes exactly that number, and at commit the number has its event.
CREATE FUNCTION core.guard_event_seq() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_TABLE_NAME = 'core_events' THEN
    IF NEW.event_seq IS DISTINCT FROM (SELECT scope.scope_max_seq FROM public.core_scopes AS scope WHERE scope.id = NEW.scope_id) THEN
      PERFORM core.forbid(TG_NAME, NEW.scope_id, 'an event takes the number that its scope has just reached');
    END IF;
  ELSIF TG_WHEN = 'AFTER' THEN
    IF NOT EXISTS (
      SELECT 1 FROM public.core_events AS event WHERE event.scope_id = NEW.id AND event.event_seq = NEW.scope_max_seq
    ) THEN
      PERFORM core.forbid(TG_NAME, NEW.id, 'a number without an event would be a gap');
    END IF;
  ELSIF NEW.scope_max_seq <> (CASE WHEN TG_OP = 'INSERT' THEN 0 ELSE OLD.scope_max_seq + 1 END) THEN
    PERFORM core.forbid(TG_NAME, NEW.id, 'numbers rise one by one, from zero');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_event_seq
BEFORE INSERT ON public.core_events
FOR EACH ROW EXECUTE FUNCTION core.guard_event_seq();

CREATE TRIGGER guard_scope_seq_starts
BEFORE INSERT ON public.core_scopes
FOR EACH ROW EXECUTE FUNCTION core.guard_event_seq();

CREATE TRIGGER guard_scope_seq_rises
BEFORE UPDATE OF scope_max_seq ON public.core_scopes
FOR EACH ROW WHEN (OLD.scope_max_seq <> NEW.scope_max_seq)
EXECUTE FUNCTION core.guard_event_seq();

CREATE CONSTRAINT TRIGGER guard_scope_seq_taken
AFTER UPDATE OF scope_max_seq ON public.core_scopes
DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (OLD.scope_max_seq <> NEW.scope_max_seq)
EXECUTE FUNCTION core.guard_event_seq();

-- A receipt never goes back, and never beyond what the scope holds; a removal clears it.
CREATE FUNCTION core.guard_receipts() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.last_delivered_seq > (SELECT scope.scope_max_seq FROM public.core_scopes AS scope WHERE scope.id = NEW.scope_id) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'nobody has received what is not there');
  ELSIF TG_OP = 'UPDATE' AND NEW.state <> 'removed'
    AND (NEW.last_read_seq < OLD.last_read_seq OR NEW.last_delivered_seq < OLD.last_delivered_seq) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'a receipt never goes back');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_receipts
BEFORE INSERT OR UPDATE OF last_read_seq, last_delivered_seq ON public.core_members
FOR EACH ROW EXECUTE FUNCTION core.guard_receipts();

-- Within a version watermarks rise, up to the scope's last number; a rebuild starts the next version at zero.
CREATE FUNCTION core.guard_watermarks() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF greatest(NEW.dialogs_watermark_seq, NEW.unread_watermark_seq)
    > (SELECT scope.scope_max_seq FROM public.core_scopes AS scope WHERE scope.id = NEW.scope_id) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'a watermark is not beyond the last event');
  ELSIF TG_OP = 'UPDATE' AND NEW.version = OLD.version
    AND (NEW.dialogs_watermark_seq < OLD.dialogs_watermark_seq OR NEW.unread_watermark_seq < OLD.unread_watermark_seq) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'a watermark never goes back');
  ELSIF TG_OP = 'UPDATE' AND NEW.version NOT IN (OLD.version, OLD.version + 1) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'versions of a projection follow each other');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_watermarks
BEFORE INSERT OR UPDATE ON public.core_projection_watermarks
FOR EACH ROW EXECUTE FUNCTION core.guard_watermarks();

CREATE FUNCTION core.guard_policy_version() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_TABLE_NAME = 'core_scopes' THEN
    IF NEW.policy_version <> OLD.policy_version + 1 THEN
      PERFORM core.forbid(TG_NAME, NEW.id, 'a scope takes the next version of its policy');
    END IF;
  ELSIF NEW.version <> 1 + coalesce(
    (SELECT max(policy.version) FROM public.core_policies AS policy WHERE policy.scope_id = NEW.scope_id), 0
  ) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'versions of a policy follow each other');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_policy_version
BEFORE INSERT ON public.core_policies
FOR EACH ROW EXECUTE FUNCTION core.guard_policy_version();

CREATE TRIGGER guard_scope_policy_version
BEFORE UPDATE OF policy_version ON public.core_scopes
FOR EACH ROW WHEN (OLD.policy_version <> NEW.policy_version)
EXECUTE FUNCTION core.guard_policy_version();

-- Validation -----------------------------------------------------------------------------------------------------------------

CREATE FUNCTION core.guard_dm_canonical() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF NEW.dm_user_low > NEW.dm_user_high THEN
    PERFORM core.forbid(TG_NAME, NEW.id, 'the lower user of a pair stands first');
  ELSIF NEW.dm_user_low = NEW.dm_user_high AND core.setting('dm_self_allowed') IS DISTINCT FROM 1 THEN
    PERFORM core.forbid(TG_NAME, NEW.id, 'this deployment has no direct messages to oneself');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_dm_canonical
BEFORE INSERT OR UPDATE OF dm_user_low, dm_user_high ON public.core_scopes
FOR EACH ROW WHEN (NEW.scope_type = 'dm')
EXECUTE FUNCTION core.guard_dm_canonical();

CREATE FUNCTION core.guard_policy_valid() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_new CONSTANT jsonb := to_jsonb(NEW);
  v_scope CONSTANT uuid := coalesce(v_new ->> 'scope_id', v_new ->> 'id')::uuid;
  v_type CONSTANT text := coalesce(
    v_new ->> 'scope_type', (SELECT scope.scope_type FROM public.core_scopes AS scope WHERE scope.id = v_scope)
  );
BEGIN
  IF NOT core.combination_allowed(v_type, NEW.visibility, NEW.join_mode) THEN
    PERFORM core.forbid(TG_NAME, v_scope, 'this visibility does not go with this way of joining');
  ELSIF TG_TABLE_NAME = 'core_policies' AND NEW.policy_hash <> core.policy_hash(v_new) THEN
    PERFORM core.forbid(TG_NAME, v_scope, 'the hash is not that of the eight fields');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_policy_valid
BEFORE INSERT ON public.core_policies
FOR EACH ROW EXECUTE FUNCTION core.guard_policy_valid();

CREATE TRIGGER guard_scope_policy_valid
BEFORE INSERT OR UPDATE OF visibility, join_mode ON public.core_scopes
FOR EACH ROW EXECUTE FUNCTION core.guard_policy_valid();

-- The time of an event is the server's; a client's clock may be off by five minutes when its statement comes in.
CREATE FUNCTION core.guard_clock_skew() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_skew CONSTANT numeric := round(extract(epoch FROM NEW.client_ts - statement_timestamp()) * 1000);
BEGIN
  IF core.is_migrating(NEW.scope_id) THEN
    RETURN NEW;
  END IF;
  IF abs(v_skew) > 300000 THEN
    PERFORM core.forbid(
      TG_NAME, NULL, 'the client''s clock is off',
      jsonb_build_object('server_time', statement_timestamp(), 'skew_hint', v_skew)::text
    );
  END IF;
  NEW.server_time := clock_timestamp();
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_clock_skew
BEFORE INSERT ON public.core_events
FOR EACH ROW EXECUTE FUNCTION core.guard_clock_skew();

-- Who was removed by another comes back by a new invitation alone.
CREATE FUNCTION core.guard_membership() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_OP = 'INSERT' THEN
    IF NEW.state = 'removed' THEN
      PERFORM core.forbid(TG_NAME, NEW.scope_id, 'only who was there can be removed');
    END IF;
  ELSIF (OLD.state, NEW.state) NOT IN (
    ('joined', 'removed'), ('invited', 'joined'), ('invited', 'removed'), ('removed', 'invited')
  ) AND NOT (OLD.state = 'removed' AND NEW.state = 'joined' AND OLD.removed_by = OLD.user_id) THEN
    PERFORM core.forbid(TG_NAME, NEW.scope_id, 'membership does not change this way');
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_membership
BEFORE INSERT ON public.core_members
FOR EACH ROW EXECUTE FUNCTION core.guard_membership();

CREATE TRIGGER guard_membership_change
BEFORE UPDATE OF state ON public.core_members
FOR EACH ROW WHEN (OLD.state <> NEW.state)
EXECUTE FUNCTION core.guard_membership();

-- Clean-up -------------------------------------------------------------------------------------------------------------------

CREATE FUNCTION core.guard_removal() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.last_read_seq := 0;
  NEW.last_delivered_seq := 0;
  NEW.missing_from_seq := NULL;
  DELETE FROM public.core_projections AS projection
  WHERE projection.scope_id = NEW.scope_id
  AND projection.user_id = NEW.user_id;
  RETURN NEW;
END
$$;

CREATE TRIGGER clean_up_removal
BEFORE UPDATE OF state ON public.core_members
FOR EACH ROW WHEN (NEW.state = 'removed')
EXECUTE FUNCTION core.guard_removal();

-- An event goes after its class's days, an outcome never: it leaves the hot tier once the archive holds it.
CREATE FUNCTION core.guard_retention() RETURNS trigger
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF TG_TABLE_NAME = 'core_events' THEN
    IF OLD.server_time > clock_timestamp() - make_interval(days => core.retention_days(OLD.classification)) THEN
      PERFORM core.forbid(TG_NAME, OLD.scope_id, 'the days of this event''s class are not over');
    END IF;
  ELSIF TG_LEVEL = 'STATEMENT' THEN
    PERFORM core.forbid(TG_NAME, NULL, 'outcomes are kept for ever');
  ELSIF OLD.tier = 'archive' OR NOT EXISTS (
    SELECT 1
    FROM public.core_outcomes AS kept
    WHERE kept.tier = 'archive'
    AND kept.actor_id IS NOT DISTINCT FROM OLD.actor_id
    AND kept.scope_id IS NOT DISTINCT FROM OLD.scope_id
    AND kept.command_type = OLD.command_type
    AND kept.event_idempotency_key = OLD.event_idempotency_key
  ) THEN
    PERFORM core.forbid(TG_NAME, NULL, 'outcomes are kept for ever');
  END IF;
  RETURN OLD;
END
$$;

CREATE TRIGGER guard_retention
BEFORE DELETE ON public.core_events
FOR EACH ROW EXECUTE FUNCTION core.guard_retention();

CREATE TRIGGER guard_outcomes_kept
BEFORE DELETE ON public.core_outcomes
FOR EACH ROW EXECUTE FUNCTION core.guard_retention();

CREATE TRIGGER guard_outcomes_not_emptied
BEFORE TRUNCATE ON public.core_outcomes
FOR EACH STATEMENT EXECUTE FUNCTION core.guard_retention();

-- A trigger of the whole table does not fire for who empties a partition by name.
CREATE TRIGGER guard_hot_not_emptied
BEFORE TRUNCATE ON core.outcomes_hot
FOR EACH STATEMENT EXECUTE FUNCTION core.guard_retention();

CREATE TRIGGER guard_archive_not_emptied
BEFORE TRUNCATE ON core.outcomes_archive
FOR EACH STATEMENT EXECUTE FUNCTION core.guard_retention();
