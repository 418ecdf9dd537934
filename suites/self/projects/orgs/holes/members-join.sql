-- expect: write-foreign-parent:insert:public.organization_members write-privileged-column:insert:public.organization_members.role
drop policy "admins add members" on public.organization_members;
create policy "join" on public.organization_members for insert to authenticated with check (user_id = auth.uid());
