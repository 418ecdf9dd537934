-- expect: write-foreign-parent:insert:public.tasks
alter policy "members create tasks" on public.tasks with check (created_by = (select auth.uid()));
