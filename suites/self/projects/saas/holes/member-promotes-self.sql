-- expect: write-privileged-column:update:public.memberships.role
create policy "Members update their own membership" on public.memberships for update to authenticated
  using (user_id = auth.uid());
