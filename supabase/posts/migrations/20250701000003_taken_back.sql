-- The first version's rules go: from here to the end of the line nobody but the schema's owner reaches either table.

DROP POLICY "readers" ON public.post_collectives;
DROP POLICY "sharers insert" ON public.post_collectives;
DROP POLICY "sharers and admins update" ON public.post_collectives;
DROP POLICY "sharers and admins delete" ON public.post_collectives;
DROP POLICY "performers read" ON public.post_collective_audit_log;
DROP POLICY "anybody logs" ON public.post_collective_audit_log;

DROP TRIGGER log_change ON public.post_collectives;
DROP FUNCTION public.log_post_collective_change();
DROP FUNCTION public.get_user_postable_collectives(uuid);
DROP FUNCTION public.is_member_of_collective(uuid);
DROP FUNCTION public.can_user_post_to_collective(uuid, uuid);

-- TRUNCATE, REFERENCES and TRIGGER are not subject to row security; the service's rights on the log are nobody's either.
REVOKE ALL ON public.post_collectives, public.post_collective_audit_log
FROM PUBLIC, anon, authenticated, service_role;

-- Whatever stands there proves nothing: anybody could write it, in anybody's name, and metadata with all that it held.
-- The log begins anew, in the migration of the log, with the associations that are there.
DELETE FROM public.post_collective_audit_log;
