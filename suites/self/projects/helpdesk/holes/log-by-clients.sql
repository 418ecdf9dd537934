-- expect: write-forged-owner:insert:public.assignment_log
alter function private.tell() security invoker;
grant insert on public.assignment_log to authenticated;
create policy "the trigger writes" on public.assignment_log for insert to authenticated with check (true);
grant insert on public.notices to authenticated;
create policy "the trigger writes" on public.notices for insert to authenticated with check (actor_id = auth.uid());
