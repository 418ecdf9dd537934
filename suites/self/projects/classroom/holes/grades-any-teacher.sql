-- expect: read-foreign-row:select:public.grades
drop policy grades_teacher on public.grades;
create policy grades_teacher on public.grades for select to authenticated using (exists (
  select 1 from public.teachers t where t.user_id = (select auth.uid())));
