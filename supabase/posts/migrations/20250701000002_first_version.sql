-- Sharing as first rolled out: the two tables, and rules as one writes them in a hurry. The next migration takes the rules back.

CREATE TABLE public.post_collectives (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  post_id uuid NOT NULL REFERENCES public.posts (id) ON DELETE CASCADE,
  collective_id uuid NOT NULL REFERENCES public.collectives (id) ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'published'
    CONSTRAINT post_collectives_status CHECK (status IN ('draft', 'published', 'pending_approval', 'rejected')),
  shared_at timestamptz NOT NULL DEFAULT now(),
  shared_by uuid NOT NULL REFERENCES public.users (id) ON DELETE RESTRICT,
  metadata jsonb NOT NULL DEFAULT '{}'
    CONSTRAINT post_collectives_metadata CHECK (jsonb_typeof(metadata) = 'object' AND octet_length(metadata::text) <= 8192),
  display_order integer NOT NULL DEFAULT 0,
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT post_collectives_once UNIQUE (post_id, collective_id)
);
COMMENT ON TABLE public.post_collectives IS 'Which post is shared into which collective, by whom and in which state.';

CREATE INDEX post_collectives_post_idx ON public.post_collectives (post_id);
CREATE INDEX post_collectives_collective_idx ON public.post_collectives (collective_id);
CREATE INDEX post_collectives_sharer_idx ON public.post_collectives (shared_by);
CREATE INDEX post_collectives_status_idx ON public.post_collectives (status);
CREATE INDEX post_collectives_shared_at_idx ON public.post_collectives (shared_at DESC);
CREATE INDEX post_collectives_order_idx ON public.post_collectives (post_id, display_order);
CREATE INDEX post_collectives_published_idx ON public.post_collectives (collective_id, shared_at DESC) WHERE status = 'published';
CREATE INDEX post_collectives_sharer_recent_idx ON public.post_collectives (shared_by, shared_at DESC);

-- No references: what happened to a post outlives it, its collective and whoever did it.
CREATE TABLE public.post_collective_audit_log (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  post_id uuid,
  collective_id uuid,
  action text NOT NULL
    CONSTRAINT post_collective_audit_log_action
    CHECK (action IN ('created', 'updated', 'deleted', 'shared', 'unshared', 'denied')),
  performed_by uuid,
  performed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  old_values jsonb,
  new_values jsonb,
  metadata jsonb NOT NULL DEFAULT '{}',
  -- Only a refusal may be about something that is not there.
  CONSTRAINT post_collective_audit_log_about CHECK (action = 'denied' OR (post_id IS NOT NULL AND collective_id IS NOT NULL)),
  CONSTRAINT post_collective_audit_log_values CHECK (
    (old_values IS NOT NULL OR action IN ('created', 'shared', 'denied'))
    AND (new_values IS NOT NULL OR action IN ('deleted', 'denied'))
  )
);
COMMENT ON TABLE public.post_collective_audit_log IS 'Every change of an association and every refused call, for ever. Ids, states and times; nothing that anybody wrote.';

CREATE INDEX post_collective_audit_log_pair_idx ON public.post_collective_audit_log (post_id, collective_id, performed_at DESC);
CREATE INDEX post_collective_audit_log_post_idx ON public.post_collective_audit_log (post_id, performed_at DESC);
CREATE INDEX post_collective_audit_log_collective_idx ON public.post_collective_audit_log (collective_id, performed_at DESC);
CREATE INDEX post_collective_audit_log_performer_idx ON public.post_collective_audit_log (performed_by, performed_at DESC);

GRANT ALL ON public.post_collectives, public.post_collective_audit_log TO authenticated;

ALTER TABLE public.post_collectives ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.post_collective_audit_log ENABLE ROW LEVEL SECURITY;

CREATE FUNCTION public.can_user_post_to_collective(p_user uuid, p_collective uuid)
RETURNS boolean
LANGUAGE sql
STABLE
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
  SELECT EXISTS (
    SELECT 1 FROM public.collective_members AS seat
    WHERE seat.collective_id = p_collective AND seat.member_id = p_user AND seat.role IN ('owner', 'admin', 'editor', 'author')
  )
$$;

CREATE FUNCTION public.is_member_of_collective(p_collective uuid)
RETURNS boolean
LANGUAGE sql
STABLE
SECURITY DEFINER
AS $$
  SELECT EXISTS (SELECT 1 FROM collective_members WHERE collective_id = p_collective AND member_id = auth.uid())
$$;

CREATE FUNCTION public.get_user_postable_collectives(p_user uuid)
RETURNS TABLE (collective_id uuid, name text, slug text, user_role text, member_count bigint)
LANGUAGE sql
STABLE
SECURITY DEFINER
AS $$
  SELECT c.id, c.name, c.slug, m.role, (SELECT count(*) FROM collective_members AS o WHERE o.collective_id = c.id)
  FROM collective_members AS m
  JOIN collectives AS c ON c.id = m.collective_id
  WHERE m.member_id = p_user AND m.role IN ('owner', 'admin', 'editor', 'author')
  ORDER BY array_position(ARRAY['owner', 'admin', 'editor', 'author'], m.role), c.name
$$;

-- Whoever is named in the row did it.
CREATE FUNCTION public.log_post_collective_change()
RETURNS trigger
LANGUAGE plpgsql
SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, old_values, new_values)
  VALUES (
    coalesce(NEW.post_id, OLD.post_id),
    coalesce(NEW.collective_id, OLD.collective_id),
    CASE TG_OP WHEN 'INSERT' THEN 'shared' WHEN 'UPDATE' THEN 'updated' ELSE 'deleted' END,
    coalesce(NEW.shared_by, OLD.shared_by),
    to_jsonb(OLD),
    to_jsonb(NEW)
  );
  RETURN NULL;
END
$$;

CREATE TRIGGER log_change
AFTER INSERT OR UPDATE OR DELETE ON public.post_collectives
FOR EACH ROW
EXECUTE FUNCTION public.log_post_collective_change();

CREATE POLICY "readers" ON public.post_collectives FOR SELECT TO authenticated
USING (shared_by = auth.uid() OR public.is_member_of_collective(collective_id));

CREATE POLICY "sharers insert" ON public.post_collectives FOR INSERT TO authenticated
WITH CHECK (
  shared_by = auth.uid()
  AND post_id IN (SELECT post.id FROM public.posts AS post WHERE post.author_id = auth.uid())
  AND public.can_user_post_to_collective(auth.uid(), collective_id)
);

CREATE POLICY "sharers and admins update" ON public.post_collectives FOR UPDATE TO authenticated
USING (
  shared_by = auth.uid()
  OR collective_id IN (
    SELECT seat.collective_id FROM public.collective_members AS seat
    WHERE seat.member_id = auth.uid() AND seat.role IN ('owner', 'admin')
  )
);

CREATE POLICY "sharers and admins delete" ON public.post_collectives FOR DELETE TO authenticated
USING (
  shared_by = auth.uid()
  OR collective_id IN (
    SELECT seat.collective_id FROM public.collective_members AS seat
    WHERE seat.member_id = auth.uid() AND seat.role IN ('owner', 'admin')
  )
);

CREATE POLICY "performers read" ON public.post_collective_audit_log FOR SELECT TO authenticated
USING (performed_by = auth.uid());

-- "The log is written from the application as well."
CREATE POLICY "anybody logs" ON public.post_collective_audit_log FOR INSERT TO authenticated
WITH CHECK (true);
