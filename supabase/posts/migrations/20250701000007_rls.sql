-- Who reads and writes what. Anonymous readers are strangers; what others decide, or the system sets, is no client's column.
-- The triggers ask for seats again, under a lock, and for what must not move: either holds without the other, and is tested so.

GRANT SELECT ON public.post_collectives TO anon, authenticated;
GRANT
  INSERT (post_id, collective_id, status, shared_by, metadata, display_order),
  UPDATE (status, metadata, display_order),
  DELETE
ON public.post_collectives TO authenticated, service_role;
GRANT SELECT ON public.post_collectives TO service_role;
GRANT SELECT ON public.post_collective_audit_log TO authenticated, service_role;

CREATE POLICY "everybody reads what public posts publish" ON public.post_collectives FOR SELECT TO anon, authenticated
USING (
  status = 'published'
  AND EXISTS (SELECT 1 FROM public.posts AS post WHERE post.id = post_collectives.post_id AND post.is_public)
);

CREATE POLICY "members read what is published" ON public.post_collectives FOR SELECT TO authenticated
USING (
  status = 'published'
  AND collective_id IN (SELECT seat.collective_id FROM public.collective_members AS seat WHERE seat.member_id = (SELECT auth.uid()))
);

CREATE POLICY "sharers read" ON public.post_collectives FOR SELECT TO authenticated
USING (shared_by = (SELECT auth.uid()));

CREATE POLICY "authors read" ON public.post_collectives FOR SELECT TO authenticated
USING (EXISTS (
  SELECT 1 FROM public.posts AS post
  WHERE post.id = post_collectives.post_id AND post.author_id = (SELECT auth.uid())
));

CREATE POLICY "owners and admins read" ON public.post_collectives FOR SELECT TO authenticated
USING (collective_id IN (
  SELECT seat.collective_id FROM public.collective_members AS seat
  WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin')
));

CREATE POLICY "authors share" ON public.post_collectives FOR INSERT TO authenticated
WITH CHECK (
  shared_by = (SELECT auth.uid())
  AND EXISTS (
    SELECT 1 FROM public.posts AS post
    WHERE post.id = post_collectives.post_id AND post.author_id = (SELECT auth.uid())
  )
  AND collective_id IN (
    SELECT seat.collective_id FROM public.collective_members AS seat
    WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin', 'editor', 'author')
  )
);

CREATE POLICY "sharers change" ON public.post_collectives FOR UPDATE TO authenticated
USING (
  shared_by = (SELECT auth.uid())
  AND collective_id IN (
    SELECT seat.collective_id FROM public.collective_members AS seat
    WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin', 'editor', 'author')
  )
)
WITH CHECK (
  shared_by = (SELECT auth.uid())
  AND collective_id IN (
    SELECT seat.collective_id FROM public.collective_members AS seat
    WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin', 'editor', 'author')
  )
);

CREATE POLICY "owners and admins change" ON public.post_collectives FOR UPDATE TO authenticated
USING (collective_id IN (
  SELECT seat.collective_id FROM public.collective_members AS seat
  WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin')
))
WITH CHECK (collective_id IN (
  SELECT seat.collective_id FROM public.collective_members AS seat
  WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin')
));

CREATE POLICY "sharers take back" ON public.post_collectives FOR DELETE TO authenticated
USING (shared_by = (SELECT auth.uid()));

CREATE POLICY "authors take back" ON public.post_collectives FOR DELETE TO authenticated
USING (EXISTS (
  SELECT 1 FROM public.posts AS post
  WHERE post.id = post_collectives.post_id AND post.author_id = (SELECT auth.uid())
));

CREATE POLICY "owners and admins remove" ON public.post_collectives FOR DELETE TO authenticated
USING (collective_id IN (
  SELECT seat.collective_id FROM public.collective_members AS seat
  WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin')
));

CREATE POLICY "performers read" ON public.post_collective_audit_log FOR SELECT TO authenticated
USING (performed_by = (SELECT auth.uid()));

CREATE POLICY "authors read" ON public.post_collective_audit_log FOR SELECT TO authenticated
USING (EXISTS (
  SELECT 1 FROM public.posts AS post
  WHERE post.id = post_collective_audit_log.post_id AND post.author_id = (SELECT auth.uid())
));

CREATE POLICY "owners and admins read" ON public.post_collective_audit_log FOR SELECT TO authenticated
USING (collective_id IN (
  SELECT seat.collective_id FROM public.collective_members AS seat
  WHERE seat.member_id = (SELECT auth.uid()) AND seat.role IN ('owner', 'admin')
));
