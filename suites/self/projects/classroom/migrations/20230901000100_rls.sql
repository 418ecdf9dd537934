create schema if not exists app;
grant usage on schema app to authenticated, service_role;

create function app.teaches_at(p_school bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.teachers t where t.school_id = p_school and t.user_id = auth.uid() and (t.left_on is null or t.left_on > current_date))
$$;
create function app.is_principal(p_school bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.teachers t where t.school_id = p_school and t.user_id = auth.uid() and t.is_principal and (t.left_on is null or t.left_on > current_date))
$$;
create function app.teaches_class(p_class bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.class_teachers ct join public.teachers t on t.id = ct.teacher_id
    join public.classes c on c.id = ct.class_id and c.school_id = t.school_id
    where ct.class_id = p_class and t.user_id = auth.uid() and (t.left_on is null or t.left_on > current_date))
$$;
create function app.studies_in(p_class bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.enrolments e join public.students s on s.id = e.student_id
    where e.class_id = p_class and s.user_id = auth.uid() and e.withdrawn_at is null)
$$;
create function app.is_student(p_student bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.students s where s.id = p_student and s.user_id = auth.uid())
$$;
create function app.is_guardian_of(p_student bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.guardians g where g.student_id = p_student and g.parent_id = auth.uid() and g.confirmed_at is not null)
$$;
create function app.teaches_student(p_student bigint) returns boolean language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.enrolments e where e.student_id = p_student and e.withdrawn_at is null and app.teaches_class(e.class_id))
$$;
create function app.school_of_class(p_class bigint) returns bigint language sql stable security definer set search_path = '' as $$
  select c.school_id from public.classes c where c.id = p_class
$$;
revoke execute on all functions in schema app from public;
grant execute on all functions in schema app to authenticated, service_role;

do $$ begin
  execute (select string_agg(format('alter table public.%I enable row level security;', relname), ' ')
    from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r');
end $$;

-- anon has no business here
revoke all on all tables in schema public from anon;
alter default privileges in schema public revoke all on tables from anon;

create policy users_self on public.users for select to authenticated using (id = (select auth.uid()));
create policy users_self_update on public.users for update to authenticated using (id = (select auth.uid())) with check (id = (select auth.uid()));

-- schools: only people of the school; the join code only for principals (through a function)
revoke select on public.schools from authenticated;
grant select (id, name, created_at) on public.schools to authenticated;
revoke insert, update, delete on public.schools from authenticated;
create policy schools_read on public.schools for select to authenticated using (
  app.teaches_at(id)
  or exists (select 1 from public.students s where s.school_id = schools.id and s.user_id = (select auth.uid()))
);

create policy teachers_read on public.teachers for select to authenticated using (user_id = (select auth.uid()) or app.teaches_at(school_id));
create policy teachers_manage on public.teachers for update to authenticated using (app.is_principal(school_id)) with check (app.is_principal(school_id));
create policy teachers_remove on public.teachers for delete to authenticated using (app.is_principal(school_id));
revoke insert, update on public.teachers from authenticated;
grant update (is_principal, left_on) on public.teachers to authenticated;

create policy students_staff on public.students for select to authenticated using (app.teaches_student(id) or app.is_principal(school_id));
create policy students_self on public.students for select to authenticated using (user_id = (select auth.uid()));
create policy students_guardians on public.students for select to authenticated using (app.is_guardian_of(id));
create policy students_principal_insert on public.students for insert to authenticated with check (app.is_principal(school_id) and user_id is null);
create policy students_principal_update on public.students for update to authenticated using (app.is_principal(school_id)) with check (app.is_principal(school_id));
revoke update on public.students from authenticated;
grant update (full_name, birthdate) on public.students to authenticated;

create policy guardians_own on public.guardians for select to authenticated using (parent_id = (select auth.uid()));
create policy guardians_staff on public.guardians for select to authenticated using (app.teaches_student(student_id));
revoke insert, update, delete on public.guardians from authenticated;

create policy classes_read on public.classes for select to authenticated using (app.teaches_at(school_id) or app.studies_in(id));
create policy classes_write on public.classes for insert to authenticated with check (app.is_principal(school_id));
create policy classes_update on public.classes for update to authenticated using (app.is_principal(school_id)) with check (app.is_principal(school_id));

create policy class_teachers_read on public.class_teachers for select to authenticated
  using (app.teaches_at(app.school_of_class(class_id)) or app.studies_in(class_id));
create policy class_teachers_write on public.class_teachers for insert to authenticated
  with check (app.is_principal(app.school_of_class(class_id))
    and exists (select 1 from public.teachers t where t.id = teacher_id and t.school_id = app.school_of_class(class_id)));
create policy class_teachers_delete on public.class_teachers for delete to authenticated
  using (app.is_principal(app.school_of_class(class_id)));

create policy enrolments_read on public.enrolments for select to authenticated
  using (app.teaches_class(class_id) or app.is_student(student_id) or app.is_guardian_of(student_id));
create policy enrolments_write on public.enrolments for insert to authenticated
  with check (app.is_principal(app.school_of_class(class_id))
    and exists (select 1 from public.students s where s.id = student_id and s.school_id = app.school_of_class(class_id)));
revoke update, delete on public.enrolments from authenticated;

create policy assignments_teacher on public.assignments for all to authenticated using (app.teaches_class(class_id)) with check (app.teaches_class(class_id));
create policy assignments_student on public.assignments for select to authenticated using (published and app.studies_in(class_id));

create policy submissions_student on public.submissions for select to authenticated using (app.is_student(student_id));
create policy submissions_guardian on public.submissions for select to authenticated using (app.is_guardian_of(student_id));
create policy submissions_teacher on public.submissions for select to authenticated
  using (exists (select 1 from public.assignments a where a.id = submissions.assignment_id and app.teaches_class(a.class_id)));
create policy submissions_hand_in on public.submissions for insert to authenticated
  with check (app.is_student(student_id)
    and exists (select 1 from public.assignments a where a.id = submissions.assignment_id and a.published and app.studies_in(a.class_id)));
create policy submissions_edit on public.submissions for update to authenticated
  using (app.is_student(student_id)) with check (app.is_student(student_id));
revoke update, delete on public.submissions from authenticated;
grant update (content, file_path, submitted_at) on public.submissions to authenticated;

create policy grades_teacher on public.grades for select to authenticated using (exists (
  select 1 from public.submissions s join public.assignments a on a.id = s.assignment_id
  where s.id = grades.submission_id and app.teaches_class(a.class_id)));
create policy grades_student on public.grades for select to authenticated using (released and exists (
  select 1 from public.submissions s where s.id = grades.submission_id and (app.is_student(s.student_id) or app.is_guardian_of(s.student_id))));
revoke insert, update, delete on public.grades from authenticated;

create policy announcements_read on public.announcements for select to authenticated
  using (exists (select 1 from public.schools s where s.id = announcements.school_id));
create policy announcements_write on public.announcements for insert to authenticated
  with check (app.teaches_at(school_id) and author_id = (select auth.uid()));
create policy announcements_delete on public.announcements for delete to authenticated
  using (author_id = (select auth.uid()) and app.teaches_at(school_id));

create policy attendance_teacher on public.attendance for all to authenticated using (app.teaches_class(class_id))
  with check (app.teaches_class(class_id) and exists (select 1 from public.enrolments e where e.class_id = attendance.class_id and e.student_id = attendance.student_id));
create policy attendance_family on public.attendance for select to authenticated using (app.is_student(student_id) or app.is_guardian_of(student_id));
