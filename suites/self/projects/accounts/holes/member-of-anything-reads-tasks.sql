-- expect: read-foreign-row:select:public.tasks
alter policy select_tasks on public.tasks using (
  exists (select 1 from public.accounts_memberships m where m.account_id = account_id and m.user_id = (select auth.uid()))
);
