-- expect: write-foreign-row:update:public.drafts write-give-away:update:public.drafts
create policy "editors" on public.drafts for update to authenticated using (body is not null) with check (true);
create policy "editors read" on public.drafts for select to authenticated using (author_id in (select id from public.people));
