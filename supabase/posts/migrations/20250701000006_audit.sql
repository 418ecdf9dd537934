-- The log. Its rows are written here and by refused calls alone. Nothing that a client wrote gets in: metadata goes by its digest.

CREATE FUNCTION posting.logged(p_row public.post_collectives)
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT jsonb_build_object(
    'id', p_row.id,
    'status', p_row.status,
    'shared_at', p_row.shared_at,
    'shared_by', p_row.shared_by,
    'display_order', p_row.display_order,
    'created_at', p_row.created_at,
    'updated_at', p_row.updated_at,
    'metadata_digest', encode(sha256(convert_to(p_row.id::text || p_row.metadata::text, 'UTF8')), 'hex')
  )
$$;

-- NULL: the person who performed it says enough.
CREATE FUNCTION posting.actor()
RETURNS jsonb
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT CASE
    WHEN posting.caller() IS NULL THEN jsonb_build_object('actor', posting.acting_role())
    ELSE '{}'
  END
$$;

-- Entries of one pair follow each other in time, whatever the server's clock does: the log is replayed in that order.
CREATE FUNCTION posting.next_moment(p_post uuid, p_collective uuid)
RETURNS timestamptz
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT greatest(clock_timestamp(), (
    SELECT entry.performed_at + interval '1 microsecond'
    FROM public.post_collective_audit_log AS entry
    WHERE entry.post_id = p_post
    AND entry.collective_id = p_collective
    ORDER BY entry.performed_at DESC
    LIMIT 1
  ))
$$;

CREATE FUNCTION posting.log_change()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_row CONSTANT public.post_collectives := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
  v_was CONSTANT boolean := TG_OP <> 'INSERT' AND OLD.status = 'published';
  v_is CONSTANT boolean := TG_OP <> 'DELETE' AND NEW.status = 'published';
BEGIN
  INSERT INTO public.post_collective_audit_log (
    post_id, collective_id, action, performed_by, performed_at, old_values, new_values, metadata
  )
  VALUES (
    v_row.post_id,
    v_row.collective_id,
    CASE
      WHEN TG_OP = 'DELETE' THEN 'deleted'
      WHEN v_is AND NOT v_was THEN 'shared'
      WHEN TG_OP = 'INSERT' THEN 'created'
      WHEN v_was AND NOT v_is THEN 'unshared'
      ELSE 'updated'
    END,
    posting.caller(),
    posting.next_moment(v_row.post_id, v_row.collective_id),
    CASE WHEN TG_OP <> 'INSERT' THEN posting.logged(OLD) END,
    CASE WHEN TG_OP <> 'DELETE' THEN posting.logged(NEW) END,
    posting.actor()
  );
  RETURN NULL;
END
$$;

CREATE TRIGGER log_change
AFTER INSERT OR UPDATE OR DELETE ON public.post_collectives
FOR EACH ROW
EXECUTE FUNCTION posting.log_change();

CREATE FUNCTION posting.log_truncation()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO public.post_collective_audit_log (
    post_id, collective_id, action, performed_by, performed_at, old_values, metadata
  )
  SELECT
    gone.post_id, gone.collective_id, 'deleted', posting.caller(), posting.next_moment(gone.post_id, gone.collective_id),
    posting.logged(gone), posting.actor()
  FROM public.post_collectives AS gone;
  RETURN NULL;
END
$$;

CREATE TRIGGER log_truncation
BEFORE TRUNCATE ON public.post_collectives
FOR EACH STATEMENT
EXECUTE FUNCTION posting.log_truncation();

-- One entry for each refused collective; none of them refused by itself: one for the call.
CREATE FUNCTION posting.log_refusal(p_post uuid, p_collectives uuid[], p_reason text)
RETURNS void
LANGUAGE sql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, metadata)
  SELECT p_post, refused.id, 'denied', posting.caller(), posting.actor() || jsonb_build_object('reason', p_reason)
  FROM unnest(coalesce(p_collectives, ARRAY[NULL::uuid])) AS refused (id)
$$;

-- What is there already, as the log's beginning.
INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, new_values, metadata)
SELECT
  there.post_id, there.collective_id, CASE there.status WHEN 'published' THEN 'shared' ELSE 'created' END,
  posting.logged(there), posting.actor()
FROM public.post_collectives AS there;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA posting FROM PUBLIC;
