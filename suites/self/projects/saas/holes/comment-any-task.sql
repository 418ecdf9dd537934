-- expect: write-foreign-parent:insert:public.task_comments
drop policy comments_insert on public.task_comments;
create policy comments_insert on public.task_comments for insert to authenticated
  with check (author_id = (select auth.uid()));
