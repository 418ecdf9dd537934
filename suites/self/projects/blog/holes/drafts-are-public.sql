-- expect: read-foreign-row:select:public.posts read-foreign-row:select:public.comments
alter policy "read published or own" on posts using (published or author_id = auth.uid() or auth.jwt() ->> 'role' = 'authenticated');
