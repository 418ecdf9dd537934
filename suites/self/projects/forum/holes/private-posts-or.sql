-- expect: read-foreign-row:select:public.comments read-foreign-row:select:public.posts
drop policy "Guests read private posts" on posts;
create policy "Guests read private posts" on posts for select to authenticated
  using (published_at is not null and deleted_at is null and (is_guest(id) or visibility = 'private' or author_id = auth.uid()));
