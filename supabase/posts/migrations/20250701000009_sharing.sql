-- Sharing one post into many collectives: all of them or none. What is refused is answered, not raised, so that the log keeps it.

CREATE FUNCTION posting.refused(p_code text, p_errors jsonb DEFAULT '[]')
RETURNS jsonb
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object('ok', false, 'code', p_code, 'errors', p_errors)
$$;

-- CASE, since a cast is only safe once the type is known.
CREATE FUNCTION posting.settings_valid(p_settings jsonb)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(CASE WHEN jsonb_typeof(p_settings) = 'object' THEN
    p_settings - '{status,metadata,display_order}'::text[] = '{}'
    AND (NOT p_settings ? 'status' OR p_settings -> 'status' IN ('"draft"', '"published"', '"pending_approval"'))
    AND (
      NOT p_settings ? 'metadata'
      OR (jsonb_typeof(p_settings -> 'metadata') = 'object' AND octet_length((p_settings -> 'metadata')::text) <= 8192)
    )
    AND (
      NOT p_settings ? 'display_order'
      OR (jsonb_typeof(p_settings -> 'display_order') = 'number' AND p_settings ->> 'display_order' ~ '^\d{1,6}$')
    )
  END, false)
$$;

-- NULL: nothing is wrong with the call as such; whose collectives these are is asked afterwards.
CREATE FUNCTION posting.call_refusal(p_post uuid, p_collectives uuid[], p_settings jsonb)
RETURNS text
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF posting.caller() IS NULL THEN
    RETURN 'unauthenticated';
  ELSIF
    -- guard: settings
    NOT posting.settings_valid(p_settings)
    -- guard: settings
  THEN
    RETURN 'settings_invalid';
  ELSIF cardinality(coalesce(p_collectives, '{}')) = 0 THEN
    RETURN 'collectives_required';
  ELSIF
    -- guard: bounded
    cardinality(p_collectives) > 200
    -- guard: bounded
  THEN
    RETURN 'too_many_collectives';
  END IF;
  -- Held to the end: a post that is deleted meanwhile is not found, or waits.
  PERFORM 1
  FROM public.posts AS post
  WHERE post.id = p_post
  -- guard: own-post
  AND post.author_id = posting.caller()
  -- guard: own-post
  FOR KEY SHARE;
  RETURN CASE WHEN NOT FOUND THEN 'post_not_found' END;
END
$$;

-- What is wrong with each collective, in their order of id, in which their seats are locked; empty: nothing.
CREATE FUNCTION posting.collective_errors(p_collectives uuid[])
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_collective uuid;
  v_role text;
  v_errors jsonb := '[]';
BEGIN
  FOR v_collective IN SELECT DISTINCT given.id FROM unnest(p_collectives) AS given (id) ORDER BY 1
  LOOP
    v_role := (posting.locked_seat(v_collective)).role;
    IF
      -- guard: every-collective
      NOT posting.may_post(v_role)
      -- guard: every-collective
    THEN
      v_errors := v_errors || jsonb_build_object('collective_id', v_collective, 'reason', CASE
        WHEN v_collective IS NULL THEN 'invalid'
        WHEN v_role IS NULL THEN 'no_access'
        ELSE 'role_insufficient'
      END);
    END IF;
  END LOOP;
  RETURN v_errors;
END
$$;

-- Writes what is not there yet, each collective once, in the order in which they were given; by id, so that two calls never
-- wait for each other in a circle.
CREATE FUNCTION posting.share(p_post uuid, p_collectives uuid[], p_settings jsonb)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_made uuid[];
  v_all jsonb;
BEGIN
  WITH made AS (
    INSERT INTO public.post_collectives (post_id, collective_id, shared_by, status, metadata, display_order)
    SELECT
      p_post,
      asked.id,
      posting.caller(),
      coalesce(p_settings ->> 'status', 'published'),
      coalesce(p_settings -> 'metadata', '{}'),
      coalesce((p_settings ->> 'display_order')::integer, 0) + asked.place - 1
    FROM posting.asked(p_collectives) AS asked
    ORDER BY asked.id
    ON CONFLICT ON CONSTRAINT post_collectives_once DO NOTHING
    RETURNING id
  )
  SELECT coalesce(array_agg(made.id), '{}') INTO v_made FROM made;

  SELECT jsonb_agg(jsonb_build_object(
    'collective_id', association.collective_id,
    'id', association.id,
    'status', association.status,
    'created', association.id = ANY (v_made)
  ) ORDER BY asked.place)
  INTO v_all
  FROM posting.asked(p_collectives) AS asked
  JOIN public.post_collectives AS association ON association.collective_id = asked.id
  WHERE association.post_id = p_post;

  RETURN jsonb_build_object(
    'ok', true,
    'code', CASE WHEN v_made = '{}' THEN 'already_shared' ELSE 'shared' END,
    'created', cardinality(v_made),
    'associations', coalesce(v_all, '[]')
  );
END
$$;

-- A retry finds what the first call made and makes nothing twice. settings: status, metadata, display_order of the first.
CREATE FUNCTION public.create_post_collective_associations(p_post uuid, p_collectives uuid[], p_settings jsonb DEFAULT '{}')
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_settings CONSTANT jsonb := coalesce(p_settings, '{}');
  v_code text := posting.call_refusal(p_post, p_collectives, v_settings);
  v_errors jsonb;
BEGIN
  IF v_code IS NOT NULL THEN
    PERFORM posting.log_refusal(p_post, NULL, v_code);
    RETURN posting.refused(v_code);
  END IF;
  v_errors := posting.collective_errors(p_collectives);
  IF
    -- guard: all-or-nothing
    v_errors <> '[]'
    -- guard: all-or-nothing
  THEN
    PERFORM posting.log_refusal(p_post, ARRAY[(error ->> 'collective_id')::uuid], error ->> 'reason')
    FROM jsonb_array_elements(v_errors) AS error;
    RETURN posting.refused('collectives_refused', v_errors);
  END IF;
  RETURN posting.share(p_post, p_collectives, v_settings);
END
$$;

-- Two grants on every function: PUBLIC by PostgreSQL, the API roles by the platform.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA posting FROM PUBLIC;
REVOKE ALL ON FUNCTION
  public.can_user_post_to_collective(uuid, uuid),
  public.get_user_postable_collectives(uuid),
  public.get_post_collective_count(uuid),
  public.migrate_legacy_post_collectives(),
  public.validate_collective_permissions(uuid[]),
  public.create_post_collective_associations(uuid, uuid[], jsonb),
  public.get_post_audit_log(uuid, integer)
FROM PUBLIC, anon, authenticated, service_role;

GRANT EXECUTE ON FUNCTION
  public.can_user_post_to_collective(uuid, uuid),
  public.get_user_postable_collectives(uuid),
  public.get_post_audit_log(uuid, integer)
TO authenticated, service_role;
GRANT EXECUTE ON FUNCTION public.get_post_collective_count(uuid) TO anon, authenticated, service_role;
GRANT EXECUTE ON FUNCTION public.migrate_legacy_post_collectives() TO service_role;
GRANT EXECUTE ON FUNCTION
  public.validate_collective_permissions(uuid[]),
  public.create_post_collective_associations(uuid, uuid[], jsonb)
TO authenticated;
