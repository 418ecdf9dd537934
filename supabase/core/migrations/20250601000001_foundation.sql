-- What the core builds on: a schema of its own that the API does not serve, canonical JSON and its hash, normalized keys, and
-- the shape of commands and replies. Nothing here reads a table.

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

-- Exactly the eight fields that affect policy, whatever else the object holds.
CREATE FUNCTION core.policy_hash(p_policy jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
  SELECT core.hash_of(jsonb_build_object(
    'visibility', p_policy -> 'visibility',
    'join_mode', p_policy -> 'join_mode',
    'delivery_strategy', p_policy -> 'delivery_strategy',
    'approval_roles', p_policy -> 'approval_roles',
    'approval_quorum', p_policy -> 'approval_quorum',
    'self_join_enabled', p_policy -> 'self_join_enabled',
    'invite_ttl', p_policy -> 'invite_ttl',
    'data_classification_defaults', p_policy -> 'data_classification_defaults'
  ))
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
