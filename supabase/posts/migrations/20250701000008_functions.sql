-- What may be asked. A function that takes a user answers about the caller alone, and about anybody to the service; to a stranger
-- what is not there and what is not theirs look the same.

CREATE FUNCTION posting.answers_about(p_user uuid)
RETURNS boolean
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(p_user = posting.caller(), false) OR posting.acting_role() = 'service_role'
$$;

CREATE FUNCTION public.can_user_post_to_collective(p_user uuid, p_collective uuid)
RETURNS boolean
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: about-oneself
    NOT posting.answers_about(p_user)
    -- guard: about-oneself
  THEN
    RETURN false;
  END IF;
  RETURN EXISTS (
    SELECT 1
    FROM public.collective_members AS seat
    WHERE seat.collective_id = p_collective
    AND seat.member_id = p_user
    -- guard: posting-role
    AND posting.may_post(seat.role)
    -- guard: posting-role
  );
END
$$;

CREATE FUNCTION public.get_user_postable_collectives(p_user uuid)
RETURNS TABLE (collective_id uuid, name text, slug text, user_role text, member_count bigint)
LANGUAGE plpgsql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: about-oneself
    NOT posting.answers_about(p_user)
    -- guard: about-oneself
  THEN
    RETURN;
  END IF;
  RETURN QUERY
  SELECT
    collective.id, collective.name, collective.slug, seat.role,
    (SELECT count(*) FROM public.collective_members AS each_seat WHERE each_seat.collective_id = collective.id)
  FROM public.collective_members AS seat
  JOIN public.collectives AS collective ON collective.id = seat.collective_id
  WHERE seat.member_id = p_user
  -- guard: posting-role
  AND posting.may_post(seat.role)
  -- guard: posting-role
  ORDER BY array_position('{owner,admin,editor,author}'::text[], seat.role), collective.name, collective.id;
END
$$;

-- With its caller's rights: what the policies hide is not counted.
CREATE FUNCTION public.get_post_collective_count(p_post uuid)
RETURNS bigint
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT count(*)
  FROM public.post_collectives AS association
  WHERE association.post_id = p_post
  AND association.status = 'published'
$$;

-- An association that somebody has taken away since is not made again; a post or a collective that is going is waited for.
CREATE FUNCTION public.migrate_legacy_post_collectives()
RETURNS integer
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_made integer;
BEGIN
  -- Runs follow each other, so that each sees all that the log says; who shares meanwhile waits for none of them.
  LOCK TABLE public.post_collective_audit_log IN SHARE UPDATE EXCLUSIVE MODE;
  INSERT INTO public.post_collectives (post_id, collective_id, shared_by)
  SELECT post.id, post.collective_id, post.author_id
  FROM public.posts AS post
  JOIN public.collectives AS collective ON collective.id = post.collective_id
  WHERE
    -- guard: not-again
    NOT EXISTS (
      SELECT 1
      FROM public.post_collective_audit_log AS entry
      WHERE entry.post_id = post.id
      AND entry.collective_id = post.collective_id
      AND entry.action <> 'denied'
    )
    -- guard: not-again
  ORDER BY post.id
  FOR KEY SHARE OF post, collective
  ON CONFLICT ON CONSTRAINT post_collectives_once DO NOTHING;
  GET DIAGNOSTICS v_made = ROW_COUNT;
  RETURN v_made;
END
$$;

-- Each id of a list once, NULL as well, in the order in which they were first named.
CREATE FUNCTION posting.asked(p_ids uuid[])
RETURNS TABLE (id uuid, place bigint)
LANGUAGE sql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT given.id, row_number() OVER (ORDER BY min(given.place))
  FROM unnest(p_ids) WITH ORDINALITY AS given (id, place)
  GROUP BY given.id
$$;

-- One row for each collective that was asked for, in order; asking changes nothing and is not logged.
CREATE FUNCTION public.validate_collective_permissions(p_collectives uuid[])
RETURNS TABLE (collective_id uuid, allowed boolean, reason text)
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT
    asked.id,
    posting.may_post(seat.role),
    CASE
      WHEN asked.id IS NULL THEN 'invalid'
      WHEN seat.role IS NULL THEN 'no_access'
      WHEN NOT posting.may_post(seat.role) THEN 'role_insufficient'
      WHEN seat.role = 'author' AND collective.requires_approval THEN 'needs_approval'
      ELSE 'allowed'
    END
  FROM posting.asked(p_collectives) AS asked
  LEFT JOIN public.collective_members AS seat
    ON seat.collective_id = asked.id
    -- guard: own-seat
    AND seat.member_id = (SELECT posting.caller())
    -- guard: own-seat
  LEFT JOIN public.collectives AS collective ON collective.id = seat.collective_id
  ORDER BY asked.place
$$;

-- With its caller's rights: the policies of the log decide. The newest first, 50 where nothing is said, 500 at most.
CREATE FUNCTION public.get_post_audit_log(p_post uuid, p_limit integer DEFAULT 50)
RETURNS SETOF public.post_collective_audit_log
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT entry.*
  FROM public.post_collective_audit_log AS entry
  WHERE entry.post_id = p_post
  ORDER BY entry.performed_at DESC, entry.id
  LIMIT greatest(0, least(coalesce(p_limit, 50), 500))
$$;
