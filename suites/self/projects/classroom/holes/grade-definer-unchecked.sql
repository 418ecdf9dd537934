-- expect: grant-revoke-noop:call:public.grade_submission(bigint,numeric,bigint,text) rpc-foreign-row:call:public.grade_submission(bigint,numeric,bigint,text) rpc-identity-argument:call:public.grade_submission(bigint,numeric,bigint,text) rpc-null-argument-wildcard:call:public.grade_submission(bigint,numeric,bigint,text)
drop function public.grade_submission(bigint, numeric, text, boolean);
create function public.grade_submission(p_submission bigint, p_points numeric, p_teacher bigint, p_feedback text default null)
returns void language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select 1 from public.teachers t where t.id = p_teacher) then
    raise exception 'not a teacher';
  end if;
  insert into public.grades (submission_id, points, feedback, graded_by)
  values (p_submission, p_points, p_feedback, p_teacher)
  on conflict (submission_id) do update set points = excluded.points, feedback = excluded.feedback, graded_by = excluded.graded_by;
end $$;
