-- expect: rpc-any-vs-all:call:public.bulk_complete_tasks(bigint[])
create function public.bulk_complete_tasks(p_task_ids bigint[]) returns integer
language plpgsql security definer set search_path = public
as $$
declare n integer;
begin
  if not coalesce(has_org_role(task_org(p_task_ids[1]), '{owner,admin,member}'), false) then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  update tasks set status = 'done' where id = any (p_task_ids);
  get diagnostics n = row_count;
  return n;
end $$;
revoke execute on function public.bulk_complete_tasks(bigint[]) from public, anon;
grant execute on function public.bulk_complete_tasks(bigint[]) to authenticated;
