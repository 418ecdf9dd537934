-- expect: read-foreign-row:select:public.team_people read-foreign-row:select:public.teams read-foreign-row:select:public.webhooks rpc-foreign-row:call:public.merge_customers(bigint,bigint) rpc-foreign-row:call:public.suspend_person(uuid,uuid) write-foreign-row:delete:public.documents write-foreign-row:delete:public.org_people write-foreign-row:delete:public.team_people write-foreign-row:delete:public.teams write-foreign-row:delete:public.webhooks write-foreign-row:update:public.org_people write-foreign-row:update:public.orgs write-foreign-row:update:public.teams write-foreign-row:update:public.webhooks write-foreign-parent:insert:public.teams write-foreign-parent:insert:public.webhooks
CREATE OR REPLACE FUNCTION private.is_org_admin(org uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$
BEGIN
  RETURN EXISTS (SELECT FROM public.org_people op WHERE op.person_id = private.me() AND op.is_admin AND op.status = 'active');
END $$;
