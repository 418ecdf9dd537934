-- expect: read-policy-recursion:select:public.organization_members
-- unknown: read-foreign-row:select:public.organization_members
drop policy "members see members" on public.organization_members;
create policy "members see members" on public.organization_members for select to authenticated using (exists (select 1 from public.organization_members m where m.organization_id = organization_members.organization_id and m.user_id = auth.uid()));
