-- expect: write-privileged-column:insert:public.category_moderators.user_id
create policy "Join as moderator" on category_moderators for insert to authenticated
  with check (user_id = (select auth.uid()));
