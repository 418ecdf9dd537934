ALTER TABLE public.orgs ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.org_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.team_people ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.customers ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.deals ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.deal_notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.documents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.document_shares ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.webhooks ENABLE ROW LEVEL SECURITY;
ALTER TABLE private.job_runs ENABLE ROW LEVEL SECURITY;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM anon;
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM anon;

CREATE POLICY "read" ON public.orgs FOR SELECT TO authenticated USING (id IN (SELECT private.my_org_ids()));
CREATE POLICY "rename" ON public.orgs FOR UPDATE TO authenticated USING (private.is_org_admin(id) AND deleted_at IS NULL) WITH CHECK (private.is_org_admin(id));
REVOKE INSERT, UPDATE, DELETE ON public.orgs FROM authenticated;
GRANT UPDATE (name, domain) ON public.orgs TO authenticated;

CREATE POLICY "read" ON public.people FOR SELECT TO authenticated USING (id = (SELECT private.me()) OR private.in_my_orgs(id));
CREATE POLICY "edit self" ON public.people FOR UPDATE TO authenticated USING (auth_user_id = (SELECT auth.uid())) WITH CHECK (auth_user_id = (SELECT auth.uid()));
REVOKE INSERT, UPDATE, DELETE ON public.people FROM authenticated;
GRANT UPDATE (name) ON public.people TO authenticated;

CREATE POLICY "read" ON public.org_people FOR SELECT TO authenticated USING (org_id IN (SELECT private.my_org_ids()));
CREATE POLICY "manage" ON public.org_people FOR UPDATE TO authenticated USING (private.is_org_admin(org_id)) WITH CHECK (private.is_org_admin(org_id));
CREATE POLICY "remove" ON public.org_people FOR DELETE TO authenticated USING (private.is_org_admin(org_id));
REVOKE INSERT, UPDATE ON public.org_people FROM authenticated;
GRANT UPDATE (is_admin, status) ON public.org_people TO authenticated;

CREATE POLICY "read" ON public.teams FOR SELECT TO authenticated USING (org_id IN (SELECT private.my_org_ids()));
CREATE POLICY "write" ON public.teams FOR ALL TO authenticated USING (private.is_org_admin(org_id)) WITH CHECK (private.is_org_admin(org_id));

CREATE POLICY "read" ON public.team_people FOR SELECT TO authenticated
  USING (EXISTS (SELECT FROM public.teams t WHERE t.id = team_people.team_id));
CREATE POLICY "write" ON public.team_people FOR ALL TO authenticated
  USING (EXISTS (SELECT FROM public.teams t WHERE t.id = team_people.team_id AND private.is_org_admin(t.org_id)))
  WITH CHECK (EXISTS (SELECT FROM public.teams t JOIN public.org_people op ON op.org_id = t.org_id
    WHERE t.id = team_people.team_id AND op.person_id = team_people.person_id AND private.is_org_admin(t.org_id)));

CREATE POLICY "org" ON public.customers FOR ALL TO authenticated
  USING (org_id IN (SELECT private.my_org_ids()))
  WITH CHECK (org_id IN (SELECT private.my_org_ids()) AND (owner_person_id IS NULL OR owner_person_id = (SELECT private.me())));
CREATE POLICY "through the customer" ON public.contacts FOR ALL TO authenticated
  USING (customer_id IN (SELECT c.id FROM public.customers c WHERE c.org_id IN (SELECT private.my_org_ids())))
  WITH CHECK (customer_id IN (SELECT c.id FROM public.customers c WHERE c.org_id IN (SELECT private.my_org_ids())));

CREATE POLICY "team or admin" ON public.deals FOR ALL TO authenticated
  USING (org_id IN (SELECT private.my_org_ids()) AND (team_id = ANY (private.my_team_ids()) OR private.is_org_admin(org_id)))
  WITH CHECK (
    org_id IN (SELECT private.my_org_ids())
    AND (team_id = ANY (private.my_team_ids()) OR private.is_org_admin(org_id))
    AND (team_id IS NULL OR EXISTS (SELECT FROM public.teams t WHERE t.id = deals.team_id AND t.org_id = deals.org_id))
    AND (customer_id IS NULL OR EXISTS (SELECT FROM public.customers c WHERE c.id = deals.customer_id AND c.org_id = deals.org_id)));

CREATE POLICY "read" ON public.deal_notes FOR SELECT TO authenticated
  USING ((NOT is_private OR person_id = (SELECT private.me())) AND EXISTS (SELECT FROM public.deals d WHERE d.id = deal_notes.deal_id));
CREATE POLICY "write own" ON public.deal_notes FOR INSERT TO authenticated
  WITH CHECK (person_id = (SELECT private.me()) AND EXISTS (SELECT FROM public.deals d WHERE d.id = deal_notes.deal_id));
CREATE POLICY "delete own" ON public.deal_notes FOR DELETE TO authenticated USING (person_id = (SELECT private.me()));
REVOKE UPDATE ON public.deal_notes FROM authenticated;

CREATE POLICY "read" ON public.documents FOR SELECT TO authenticated
  USING (org_id IN (SELECT private.my_org_ids()) AND (visibility = 'org' OR private.is_org_admin(org_id) OR author_person_id = (SELECT private.me())));
CREATE POLICY "create" ON public.documents FOR INSERT TO authenticated
  WITH CHECK (org_id IN (SELECT private.my_org_ids()) AND author_person_id = (SELECT private.me()));
CREATE POLICY "edit" ON public.documents FOR UPDATE TO authenticated USING (private.can_edit_document(id)) WITH CHECK (org_id IN (SELECT private.my_org_ids()));
CREATE POLICY "delete" ON public.documents FOR DELETE TO authenticated USING (private.is_org_admin(org_id));
REVOKE UPDATE ON public.documents FROM authenticated;
GRANT UPDATE (title, content, visibility, updated_at) ON public.documents TO authenticated;

CREATE POLICY "see shares" ON public.document_shares FOR SELECT TO authenticated
  USING (person_id = (SELECT private.me()) OR private.can_edit_document(document_id));
CREATE POLICY "share" ON public.document_shares FOR INSERT TO authenticated
  WITH CHECK (private.can_edit_document(document_id) AND private.in_my_orgs(person_id));
CREATE POLICY "unshare" ON public.document_shares FOR DELETE TO authenticated USING (private.can_edit_document(document_id));
REVOKE UPDATE ON public.document_shares FROM authenticated;

CREATE POLICY "admins" ON public.webhooks FOR ALL TO authenticated USING (private.is_org_admin(org_id)) WITH CHECK (private.is_org_admin(org_id));
