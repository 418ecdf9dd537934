create function public.create_school(school_name text) returns bigint
language plpgsql security definer set search_path = '' as $$
declare sid bigint;
begin
  if auth.uid() is null then raise exception 'login required'; end if;
  insert into public.schools (name) values (school_name) returning id into sid;
  insert into public.teachers (school_id, user_id, is_principal) values (sid, auth.uid(), true);
  return sid;
end $$;

create function public.get_join_code(school bigint) returns text
language sql stable security definer set search_path = '' as $$
  select s.join_code from public.schools s where s.id = school and app.is_principal(s.id)
$$;

create function public.grade_submission(p_submission bigint, p_points numeric, p_feedback text default null, p_release boolean default false)
returns void language plpgsql security definer set search_path = '' as $$
declare
  v_teacher bigint;
begin
  select t.id into v_teacher
  from public.submissions s
  join public.assignments a on a.id = s.assignment_id
  join public.class_teachers ct on ct.class_id = a.class_id
  join public.teachers t on t.id = ct.teacher_id
  where s.id = p_submission and t.user_id = auth.uid() and (t.left_on is null or t.left_on > current_date)
    and app.teaches_class(a.class_id)
  limit 1;
  if v_teacher is null then
    raise exception 'not a teacher of this class' using errcode = '42501';
  end if;
  insert into public.grades (submission_id, points, feedback, graded_by, released)
  values (p_submission, p_points, p_feedback, v_teacher, p_release)
  on conflict (submission_id) do update
    set points = excluded.points, feedback = excluded.feedback, graded_by = excluded.graded_by, released = excluded.released, graded_at = now();
end $$;

create function public.withdraw_student(p_enrolment bigint) returns boolean
language plpgsql security definer set search_path = '' as $$
begin
  update public.enrolments e set withdrawn_at = now()
  where e.id = p_enrolment and app.is_principal(app.school_of_class(e.class_id));
  return found;
end $$;

create function public.class_roster(p_class bigint) returns table (student_id bigint, full_name text, birthdate date)
language sql stable security definer set search_path = '' as $$
  select s.id, s.full_name, s.birthdate
  from public.enrolments e join public.students s on s.id = e.student_id
  where e.class_id = p_class and e.withdrawn_at is null and app.teaches_class(p_class)
$$;

create function public.student_average(p_student bigint) returns numeric
language sql stable security invoker set search_path = '' as $$
  select round(avg(g.points), 2) from public.grades g join public.submissions s on s.id = g.submission_id where s.student_id = p_student
$$;

revoke execute on all functions in schema public from public, anon;
grant execute on all functions in schema public to authenticated;

create function app.new_user() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.users (id, email, first_name, last_name)
  values (new.id, new.email, new.raw_user_meta_data ->> 'first_name', new.raw_user_meta_data ->> 'last_name')
  on conflict (id) do nothing;
  return new;
end $$;
revoke execute on function app.new_user() from public;
create trigger on_auth_user_created after insert on auth.users for each row execute function app.new_user();

create view public.my_grades with (security_invoker = true) as
  select a.title, a.class_id, s.student_id, g.points, g.feedback, g.graded_at
  from public.grades g join public.submissions s on s.id = g.submission_id join public.assignments a on a.id = s.assignment_id;

insert into storage.buckets (id, name) values ('submissions', 'submissions') on conflict do nothing;
-- <student id>/<assignment id>/<file>
create policy "students upload their work" on storage.objects for insert to authenticated
  with check (bucket_id = 'submissions' and (storage.foldername(name))[1] in (select s.id::text from public.students s where s.user_id = auth.uid()));
create policy "students and teachers read work" on storage.objects for select to authenticated
  using (bucket_id = 'submissions' and (storage.foldername(name))[1] in (
    select s.id::text from public.students s where app.is_student(s.id) or app.teaches_student(s.id)));
