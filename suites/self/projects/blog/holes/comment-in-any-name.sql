-- expect: write-forged-owner:insert:public.comments
drop policy "comment as me" on comments;
create policy "comment as me" on comments for insert to authenticated with check (auth.uid() is not null and exists (select 1 from posts where posts.id = post_id));
