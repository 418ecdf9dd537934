-- expect: read-foreign-row:select:public.reports
drop policy "Moderators see reports" on reports;
create policy "Moderators see reports" on reports for select to authenticated
  using (exists (select 1 from category_moderators m where m.user_id = auth.uid()));
