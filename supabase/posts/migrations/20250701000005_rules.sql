-- What row security cannot say: it sees one version of a row at a time, as the statement's snapshot shows the rest. A condition
-- between two comments `-- guard: <id>` is a guard that tests name.

-- Refused in the words of row security: who is refused here and who there should not be told apart.
CREATE FUNCTION posting.refuse()
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RAISE EXCEPTION USING
    ERRCODE = 'insufficient_privilege',
    MESSAGE = 'new row violates row-level security policy for table "post_collectives"';
END
$$;

-- The status that a client's row takes; NULL: this client may not give it that one. p_old is NULL for a new row.
CREATE FUNCTION posting.settled_status(p_seat posting.seat, p_old text, p_new text)
RETURNS text
LANGUAGE plpgsql
IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF posting.may_decide(p_seat.role) THEN
    RETURN p_new;
  ELSIF
    -- guard: rejecting
    p_new = 'rejected' AND p_old IS DISTINCT FROM 'rejected'
    -- guard: rejecting
  THEN
    RETURN NULL;
  ELSIF
    -- guard: deciding
    p_old IN ('pending_approval', 'rejected') AND p_new NOT IN ('pending_approval', 'rejected')
    -- guard: deciding
  THEN
    RETURN NULL;
  ELSIF
    -- guard: approval
    p_seat.role = 'author' AND p_seat.requires_approval AND p_new <> 'draft'
    -- guard: approval
  THEN
    RETURN 'pending_approval';
  END IF;
  RETURN p_new;
END
$$;

CREATE FUNCTION posting.guard_association()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_seat posting.seat;
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF
      -- guard: unmoved
      (NEW.id, NEW.post_id, NEW.collective_id, NEW.shared_by, NEW.shared_at, NEW.created_at)
      IS DISTINCT FROM (OLD.id, OLD.post_id, OLD.collective_id, OLD.shared_by, OLD.shared_at, OLD.created_at)
      -- guard: unmoved
    THEN
      RAISE EXCEPTION USING
        ERRCODE = 'insufficient_privilege',
        MESSAGE = 'an association stays with its post, its collective and its sharer';
    END IF;
    NEW.updated_at := clock_timestamp();
  END IF;
  IF posting.is_trusted() THEN
    RETURN NEW;
  END IF;

  v_seat := posting.locked_seat(NEW.collective_id);
  IF
    -- guard: seat-still-held
    NOT posting.may_decide(v_seat.role)
    AND NOT (posting.may_post(v_seat.role) AND NEW.shared_by = posting.caller())
    -- guard: seat-still-held
  THEN
    -- As row security would have it after the seat had gone: a new row is refused, a row of others is not there to change.
    IF TG_OP = 'INSERT' THEN
      PERFORM posting.refuse();
    END IF;
    RETURN NULL;
  END IF;
  NEW.status := posting.settled_status(v_seat, CASE TG_OP WHEN 'UPDATE' THEN OLD.status END, NEW.status);
  IF NEW.status IS NULL THEN
    PERFORM posting.refuse();
  END IF;
  RETURN NEW;
END
$$;

CREATE TRIGGER guard_association
BEFORE INSERT OR UPDATE ON public.post_collectives
FOR EACH ROW
EXECUTE FUNCTION posting.guard_association();

-- A seat that was taken away while the delete waited; who shared it, or wrote the post, needs none.
CREATE FUNCTION posting.guard_removal()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF OLD.shared_by = posting.caller()
    OR EXISTS (SELECT 1 FROM public.posts AS post WHERE post.id = OLD.post_id AND post.author_id = posting.caller())
    OR
    -- guard: delete-still-allowed
    posting.may_decide((posting.locked_seat(OLD.collective_id)).role)
    -- guard: delete-still-allowed
  THEN
    RETURN OLD;
  END IF;
  RETURN NULL;
END
$$;

-- For whom the policies hold: a cascade deletes as the owner.
CREATE TRIGGER guard_removal
BEFORE DELETE ON public.post_collectives
FOR EACH ROW
WHEN (row_security_active('public.post_collectives'::regclass))
EXECUTE FUNCTION posting.guard_removal();

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA posting FROM PUBLIC;
