-- expect: write-foreign-parent:insert:public.deals
DROP POLICY "team or admin" ON public.deals;
CREATE POLICY "team or admin" ON public.deals FOR ALL TO authenticated
  USING (org_id IN (SELECT private.my_org_ids()) AND (team_id = ANY (private.my_team_ids()) OR private.is_org_admin(org_id)))
  WITH CHECK (team_id = ANY (private.my_team_ids()) OR private.is_org_admin(org_id));
