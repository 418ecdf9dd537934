-- What the core builds on: a schema of its own that the API does not serve, canonical JSON and its hash, normalized keys, the
-- shape of commands and replies, and what is refused by the words of a call. Nothing here reads a table.

CREATE SCHEMA core;
COMMENT ON SCHEMA core IS 'Inside of the platform core: guards, settings and partitions. No API serves it.';
REVOKE ALL ON SCHEMA core FROM PUBLIC;

-- RFC 8785 writes numbers as ECMAScript does. What no double holds exactly keeps all its digits, so that two such numbers
-- never share a hash; what is beyond every double is said in PostgreSQL's own bytes, since its digits could fill the memory.
-- Halfway between two doubles (1e23) ECMAScript takes the short text that reads as the even one, and PostgreSQL does not.
CREATE FUNCTION core.canonical_number(p_value numeric) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp SET extra_float_digits = 1
AS $$
BEGIN
  IF p_value = 0 THEN
    RETURN '0';
  ELSIF abs(p_value) NOT BETWEEN 5e-324 AND 1.7976931348623157e308 THEN
    RETURN 'numeric ' || encode(numeric_send(trim_scale(p_value)), 'hex');
  ELSIF abs(p_value) >= 1e-6 AND abs(p_value) < 1e21 THEN
    RETURN trim_scale(p_value)::text;
  ELSIF p_value::float8::text::numeric = p_value THEN
    RETURN regexp_replace(p_value::float8::text, 'e([+-])0+', 'e\1');
  ELSIF length(trim(BOTH '0' FROM regexp_replace(p_value::text, '\D', '', 'g')))
    < length(trim(BOTH '0' FROM regexp_replace(p_value::float8::text::numeric::text, '\D', '', 'g'))) THEN
    RETURN regexp_replace(btrim(to_char(p_value, '9.9999999999999999EEEE')), '\.?0*e([+-])0*', 'e\1');
  END IF;
  RETURN trim_scale(p_value)::text;
END
$$;

-- RFC 8785 sorts names by UTF-16 code units, in which U+E000 to U+FFFF come after everything beyond.
CREATE FUNCTION core.canonical_json(p_value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF jsonb_typeof(p_value) = 'object' THEN
    RETURN (
      SELECT '{' || coalesce(string_agg(
        to_json(field.key)::text || ':' || core.canonical_json(field.value),
        ',' ORDER BY regexp_replace(field.key, U&'([\E000-\FFFF])', U&'\+10FFFF\\1', 'g') COLLATE "C"
      ), '') || '}'
      FROM jsonb_each(p_value) AS field
    );
  ELSIF jsonb_typeof(p_value) = 'array' THEN
    RETURN (
      SELECT '[' || coalesce(string_agg(core.canonical_json(item.value), ',' ORDER BY item.place), '') || ']'
      FROM jsonb_array_elements(p_value) WITH ORDINALITY AS item (value, place)
    );
  ELSIF jsonb_typeof(p_value) = 'number' THEN
    RETURN core.canonical_number(p_value::numeric);
  END IF;
  RETURN p_value::text;
END
$$;

CREATE FUNCTION core.hash_of(p_value jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN encode(sha256(convert_to(core.canonical_json(p_value), 'UTF8')), 'hex');
END
$$;

-- A hash goes down into its value level by level, and the server's stack ends: what is beyond these bounds is refused unhashed.
CREATE FUNCTION core.is_hashable(p_value jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT pg_column_size(p_value) <= 65536 AND NOT jsonb_path_exists(p_value, '$.**{64}')
$$;

-- Exactly the eight fields that affect policy, whatever else the object holds.
CREATE FUNCTION core.policy_hash(p_policy jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN core.hash_of(jsonb_build_object(
    'visibility', p_policy -> 'visibility',
    'join_mode', p_policy -> 'join_mode',
    'delivery_strategy', p_policy -> 'delivery_strategy',
    'approval_roles', p_policy -> 'approval_roles',
    'approval_quorum', p_policy -> 'approval_quorum',
    'self_join_enabled', p_policy -> 'self_join_enabled',
    'invite_ttl', p_policy -> 'invite_ttl',
    'data_classification_defaults', p_policy -> 'data_classification_defaults'
  ));
END
$$;

-- A UUID in lower case, a ULID in upper case; NULL: neither.
CREATE FUNCTION core.normalized_key(p_key text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE
    WHEN p_key ~* '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$' THEN lower(p_key)
    WHEN p_key ~* '^[0-7][0-9a-hjkmnp-tv-z]{25}$' THEN upper(p_key)
  END;
END
$$;

CREATE FUNCTION core.combination_allowed(p_scope_type text, p_visibility text, p_join_mode text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(CASE
    WHEN p_scope_type = 'dm' THEN p_visibility = 'private' AND p_join_mode = 'invite_only'
    WHEN p_visibility = 'public' THEN p_join_mode IN ('open', 'approval')
    WHEN p_visibility = 'unlisted' THEN p_join_mode IN ('open', 'approval', 'invite_only')
    WHEN p_visibility = 'private' THEN p_join_mode IN ('approval', 'invite_only')
  END, false)
$$;

-- Addresses and long runs of digits: who is meant belongs into columns, which retention and access rules know.
CREATE FUNCTION core.holds_personal_data(p_text text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(p_text ~* '[^\s@]+@[^\s@]+\.[a-z]{2,}' OR p_text ~ '(\d[\s().-]{0,2}){7,}', false)
$$;

CREATE FUNCTION core.retention_days(p_classification text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE p_classification WHEN 'normal' THEN 365 WHEN 'sensitive' THEN 180 WHEN 'regulated' THEN 730 END
$$;

-- Who stands above whom in a scope.
CREATE FUNCTION core.role_rank(p_role text) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE p_role WHEN 'owner' THEN 4 WHEN 'admin' THEN 3 WHEN 'moderator' THEN 2 WHEN 'member' THEN 1 END
$$;

CREATE FUNCTION core.done(p_code text, p_more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_build_object('ok', true, 'code', p_code) || p_more;
END
$$;

CREATE FUNCTION core.refused(p_code text, p_more jsonb DEFAULT '{}') RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN jsonb_build_object('ok', false, 'code', p_code) || p_more;
END
$$;

CREATE TYPE core.command AS (actor_id uuid, scope_id uuid, command_type text, key text, payload_hash text, reply jsonb);
COMMENT ON TYPE core.command IS 'A call of a client: its identity, the hash of what it asks, and what there is to answer without executing it.';

-- What is refused by the words of a call alone --------------------------------------------------------------------------------

-- What can be refused before anything is read.
CREATE FUNCTION core.append_arguments_refusal(
  p_command_type text, p_payload jsonb, p_client_ts timestamptz, p_trace_id text, p_device_id text
) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: batch-refused
    p_command_type = 'batch'
    -- guard: batch-refused
  THEN
    RETURN core.refused('not_supported');
  ELSIF coalesce(p_command_type NOT IN ('message_send', 'message_edit', 'message_delete', 'reaction_add', 'reaction_remove'), true) THEN
    RETURN core.refused('command_type_invalid');
  ELSIF p_payload IS NULL OR jsonb_typeof(p_payload) <> 'object' THEN
    RETURN core.refused('payload_invalid');
  ELSIF NOT core.is_hashable(p_payload) THEN
    RETURN core.refused('payload_too_large');
  ELSIF p_client_ts IS NULL OR NOT isfinite(p_client_ts) THEN
    RETURN core.refused('client_ts_invalid');
  ELSIF greatest(char_length(p_trace_id), char_length(p_device_id)) > 128 THEN
    RETURN core.refused('argument_too_long', '{"characters": 128}');
  END IF;
  RETURN NULL;
END
$$;

-- Measured when the call came in, as the trigger measures: who waits for a lock has no worse clock for it.
CREATE FUNCTION core.clock_refusal(p_client_ts timestamptz) RETURNS jsonb
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_skew CONSTANT numeric := round(extract(epoch FROM p_client_ts - statement_timestamp()) * 1000);
BEGIN
  IF
    -- guard: clock-skew
    abs(v_skew) > 300000
    -- guard: clock-skew
  THEN
    RETURN core.refused('clock_skew', jsonb_build_object('server_time', statement_timestamp(), 'skew_hint', v_skew));
  END IF;
  RETURN NULL;
END
$$;

-- Ranges `[from, to]` in ascending order that do not meet, within what the scope holds, at most 20 of them.
CREATE FUNCTION core.ranges_refusal(p_ranges jsonb, p_max bigint) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_before bigint := 0;
  v_range jsonb;
BEGIN
  IF coalesce(jsonb_typeof(p_ranges) <> 'array', true) THEN
    RETURN core.refused('ranges_invalid');
  ELSIF jsonb_array_length(p_ranges) > 20 THEN
    RETURN core.refused('ranges_exceeded', '{"ranges": 20}');
  END IF;
  FOR v_range IN SELECT jsonb_array_elements(p_ranges) LOOP
    IF v_range::text !~ '^\[\d{1,18}, \d{1,18}\]$' THEN
      RETURN core.refused('ranges_invalid');
    ELSIF (v_range ->> 0)::bigint <= v_before OR (v_range ->> 1)::bigint < (v_range ->> 0)::bigint THEN
      RETURN core.refused('ranges_invalid');
    ELSIF
      -- guard: missing-realistic
      (v_range ->> 1)::bigint > p_max
      -- guard: missing-realistic
    THEN
      RETURN core.refused('ranges_unrealistic', jsonb_build_object('scope_max_seq', p_max));
    END IF;
    v_before := (v_range ->> 1)::bigint;
  END LOOP;
  RETURN NULL;
END
$$;

CREATE FUNCTION core.write_refusal(p_mode text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: writes-open
    p_mode <> 'normal'
    -- guard: writes-open
  THEN
    RETURN core.refused('scope_read_only', jsonb_build_object('system_mode', p_mode));
  END IF;
  RETURN NULL;
END
$$;

-- Of administrators and operators: why they do what they do to others.
CREATE FUNCTION core.reason_refusal(p_code text, p_text text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: reason-required
    p_code IS NULL OR p_code NOT IN (
      'abuse_spam', 'abuse_harassment', 'legal_request', 'user_request', 'security_incident', 'moderation_policy', 'other'
    )
    -- guard: reason-required
  THEN
    RETURN core.refused('reason_code_invalid');
  ELSIF p_code = 'other' AND btrim(coalesce(p_text, '')) = '' THEN
    RETURN core.refused('reason_text_required');
  ELSIF char_length(p_text) > 500 THEN
    RETURN core.refused('reason_text_too_long');
  ELSIF core.holds_personal_data(p_text) THEN
    RETURN core.refused('reason_text_personal_data');
  END IF;
  RETURN NULL;
END
$$;

-- Whether a scope of this type and size may have this policy.
CREATE FUNCTION core.policy_refusal(p_scope_type text, p_is_large boolean, p_policy jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_fields CONSTANT text[] := '{visibility,join_mode,delivery_strategy,approval_roles,approval_quorum,self_join_enabled,invite_ttl,data_classification_defaults}';
BEGIN
  IF p_policy IS NULL OR jsonb_typeof(p_policy) <> 'object' OR NOT p_policy ?& v_fields OR p_policy - v_fields <> '{}' THEN
    RETURN core.refused('policy_fields_invalid');
  ELSIF NOT core.policy_well_formed(p_policy) THEN
    RETURN core.refused('policy_value_invalid');
  ELSIF
    -- guard: policy-combination
    NOT core.combination_allowed(p_scope_type, p_policy ->> 'visibility', p_policy ->> 'join_mode')
    -- guard: policy-combination
  THEN
    RETURN core.refused('policy_combination_invalid');
  ELSIF p_policy ->> 'visibility' = 'private' AND p_policy ->> 'invite_ttl' IS NULL THEN
    RETURN core.refused('invite_ttl_required');
  ELSIF
    -- guard: large-delivery
    p_is_large AND p_policy ->> 'delivery_strategy' <> 'fanout_on_read'
    -- guard: large-delivery
  THEN
    RETURN core.refused('fanout_on_read_required');
  END IF;
  RETURN NULL;
END
$$;

-- The values of the eight fields, each by itself. CASE, since a cast is only safe once the type is known.
CREATE FUNCTION core.policy_well_formed(p_policy jsonb) RETURNS boolean
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(
    p_policy ->> 'visibility' IN ('public', 'private', 'unlisted')
    AND p_policy ->> 'join_mode' IN ('open', 'approval', 'invite_only')
    AND p_policy ->> 'delivery_strategy' IN ('fanout_on_write', 'fanout_on_read')
    AND p_policy ->> 'data_classification_defaults' IN ('normal', 'sensitive', 'regulated')
    AND jsonb_typeof(p_policy -> 'self_join_enabled') = 'boolean'
    AND jsonb_typeof(p_policy -> 'approval_roles') = 'array'
    AND p_policy -> 'approval_roles' <@ '["owner", "admin", "moderator", "member"]'
    AND CASE WHEN (p_policy -> 'approval_quorum')::text ~ '^\d{1,2}$' THEN (p_policy ->> 'approval_quorum')::integer BETWEEN 1 AND 10 END
    AND CASE
      WHEN jsonb_typeof(p_policy -> 'invite_ttl') = 'null' THEN true
      WHEN (p_policy -> 'invite_ttl')::text ~ '^\d{1,4}$' THEN (p_policy ->> 'invite_ttl')::integer BETWEEN 1 AND 8760
    END,
    false)
$$;

CREATE FUNCTION core.batch_refusal(p_batch integer) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN coalesce(p_batch NOT BETWEEN 1 AND 100000, true) THEN core.refused('batch_invalid') END
$$;
