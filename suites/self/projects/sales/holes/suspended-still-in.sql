-- expect: read-ex-member:select:public.org_people
CREATE OR REPLACE FUNCTION private.my_org_ids() RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$ SELECT op.org_id FROM public.org_people op JOIN public.orgs o ON o.id = op.org_id WHERE op.person_id = private.me() AND o.deleted_at IS NULL $$;
