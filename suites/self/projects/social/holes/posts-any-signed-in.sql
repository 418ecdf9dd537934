-- expect: read-foreign-row:select:public.posts read-foreign-row:select:public.likes
alter policy "read posts" on posts using (author_id = (select auth.uid()) or exists (select 1 from follows f where f.follower_id = (select auth.uid())));
