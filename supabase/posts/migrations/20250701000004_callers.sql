-- Who is calling, and the seat by which they may. The schema is the system's inside: no API serves it, no client role uses it.

CREATE SCHEMA posting;
COMMENT ON SCHEMA posting IS 'Inside of posts in several collectives: callers, rules and the log. No API serves it.';
REVOKE ALL ON SCHEMA posting FROM PUBLIC;

-- The role of the request, whoever owns the functions and triggers in between: SET ROLE shows through SECURITY DEFINER.
CREATE FUNCTION posting.acting_role()
RETURNS text
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(nullif(current_setting('role'), 'none'), session_user::text)
$$;

-- The signed-in person; NULL for everybody else, whatever claims or settings say.
CREATE FUNCTION posting.caller()
RETURNS uuid
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE WHEN posting.acting_role() = 'authenticated' THEN auth.uid() END
$$;

-- The service and whoever may act as the schema's owner are bound by no seat.
CREATE FUNCTION posting.is_trusted()
RETURNS boolean
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT posting.acting_role() = 'service_role' OR pg_has_role(posting.acting_role()::name, current_user, 'MEMBER')
$$;

CREATE FUNCTION posting.may_post(p_role text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(p_role IN ('owner', 'admin', 'editor', 'author'), false)
$$;

CREATE FUNCTION posting.may_decide(p_role text)
RETURNS boolean
LANGUAGE sql
IMMUTABLE
PARALLEL SAFE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT coalesce(p_role IN ('owner', 'admin'), false)
$$;

CREATE TYPE posting.seat AS (role text, requires_approval boolean);

-- One's own seat, as it is once whoever changes it or its collective has finished; both stay so to the end. Without a seat
-- nothing is locked and nobody waited for: a stranger learns nothing from how long it takes.
CREATE FUNCTION posting.locked_seat(p_collective uuid)
RETURNS posting.seat
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT seat.role, collective.requires_approval
  FROM public.collectives AS collective
  JOIN public.collective_members AS seat ON seat.collective_id = collective.id
  WHERE collective.id = p_collective
  AND seat.member_id = posting.caller()
  FOR SHARE OF collective, seat
$$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA posting FROM PUBLIC;
