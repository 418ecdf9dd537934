CREATE OR REPLACE FUNCTION private.me() RETURNS uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$ SELECT p.id FROM public.people p WHERE p.auth_user_id = auth.uid() $$;

CREATE OR REPLACE FUNCTION private.my_org_ids() RETURNS SETOF uuid
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$
    SELECT op.org_id FROM public.org_people op JOIN public.orgs o ON o.id = op.org_id
    WHERE op.person_id = private.me() AND op.status = 'active' AND o.deleted_at IS NULL
  $$;

CREATE OR REPLACE FUNCTION private.is_org_admin(org uuid) RETURNS boolean
  LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$
BEGIN
  RETURN EXISTS (
    SELECT FROM public.org_people op
    WHERE op.org_id = org AND op.person_id = private.me() AND op.is_admin AND op.status = 'active'
  );
END $$;

CREATE OR REPLACE FUNCTION private.my_team_ids() RETURNS uuid[]
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$
    SELECT coalesce(array_agg(tp.team_id), '{}') FROM public.team_people tp JOIN public.teams t ON t.id = tp.team_id
    WHERE tp.person_id = private.me() AND t.org_id IN (SELECT private.my_org_ids())
  $$;

CREATE OR REPLACE FUNCTION private.can_edit_document(doc uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$
    SELECT EXISTS (
      SELECT FROM public.documents d
      WHERE d.id = doc AND d.org_id IN (SELECT private.my_org_ids()) AND (
        d.author_person_id = private.me()
        OR private.is_org_admin(d.org_id)
        OR EXISTS (SELECT FROM public.document_shares s WHERE s.document_id = d.id AND s.person_id = private.me() AND s.can_edit)))
  $$;

CREATE OR REPLACE FUNCTION private.in_my_orgs(person uuid) RETURNS boolean
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO ''
  AS $$ SELECT EXISTS (SELECT FROM public.org_people op WHERE op.person_id = person AND op.org_id IN (SELECT private.my_org_ids())) $$;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA private FROM PUBLIC;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA private TO authenticated, service_role;
