do $$
declare t text;
begin
  foreach t in array array['profiles','categories','category_moderators','posts','post_guests','drafts','comments',
                           'votes','blocks','reports','bookmarks','notifications'] loop
    execute format('alter table public.%I enable row level security', t);
  end loop;
end $$;

-- profiles: public cards; what matters is set by the server
create policy "Public profiles are viewable by everyone." on profiles for select using (true);
create policy "Users can update own profile." on profiles for update
  using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
revoke insert, update on profiles from anon, authenticated;
grant update (username, bio, avatar_url) on profiles to authenticated;

create policy "Categories are public" on categories for select using (true);
create policy "Moderators are public" on category_moderators for select using (true);

create policy "Anyone reads public posts" on posts for select
  using (visibility = 'public' and published_at is not null and deleted_at is null and not is_blocked_by(author_id));
create policy "Authors read their posts" on posts for select to authenticated using (author_id = (select auth.uid()));
create policy "Guests read private posts" on posts for select to authenticated
  using (published_at is not null and deleted_at is null and is_guest(id));
create policy "Moderators read their category" on posts for select to authenticated
  using (is_moderator(category_id) and visibility = 'public');
create policy "Authors write" on posts for insert to authenticated
  with check (author_id = (select auth.uid()));
create policy "Authors edit" on posts for update to authenticated
  using (author_id = (select auth.uid())) with check (author_id = (select auth.uid()));
create policy "Moderators edit" on posts for update to authenticated
  using (is_moderator(category_id) and visibility = 'public') with check (is_moderator(category_id) and visibility = 'public');
-- counters belong to the triggers
revoke insert, update on posts from anon, authenticated;
grant insert (id, category_id, author_id, title, body, visibility, published_at) on posts to authenticated;
grant update (category_id, title, body, visibility, published_at, deleted_at) on posts to authenticated;

create policy "Authors invite guests" on post_guests for all to authenticated
  using (is_post_author(post_id)) with check (is_post_author(post_id));
create policy "Guests see their invitation" on post_guests for select to authenticated using (user_id = (select auth.uid()));

create policy "Own drafts" on drafts for all to authenticated
  using (author_id = (select auth.uid())) with check (author_id = (select auth.uid()));

create policy "Comments follow the post" on comments for select
  using (deleted_at is null and exists (select 1 from posts p where p.id = comments.post_id));
create policy "Comment on what you see" on comments for insert to authenticated
  with check (author_id = (select auth.uid()) and exists (select 1 from posts p where p.id = comments.post_id));
create policy "Edit own comment" on comments for update to authenticated
  using (author_id = (select auth.uid())) with check (author_id = (select auth.uid()));
create policy "Remove own comment" on comments for delete to authenticated using (author_id = (select auth.uid()));
revoke update on comments from anon, authenticated;
grant update (body, deleted_at) on comments to authenticated;

create policy "Own votes" on votes for select to authenticated using (user_id = (select auth.uid()));
create policy "Vote on what you see" on votes for insert to authenticated
  with check (user_id = (select auth.uid()) and exists (select 1 from posts p where p.id = votes.post_id));
create policy "Change own vote" on votes for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "Withdraw own vote" on votes for delete to authenticated using (user_id = (select auth.uid()));
revoke update on votes from anon, authenticated;
grant update (value) on votes to authenticated;

create policy "Own blocks" on blocks for all to authenticated
  using (blocker_id = (select auth.uid())) with check (blocker_id = (select auth.uid()));

create policy "Reporters see their reports" on reports for select to authenticated using (reporter_id = (select auth.uid()));
create policy "Moderators see reports" on reports for select to authenticated
  using (exists (select 1 from posts p where p.id = reports.post_id and is_moderator(p.category_id)));
create policy "Report what you see" on reports for insert to authenticated
  with check (reporter_id = (select auth.uid()) and resolved_by is null
              and exists (select 1 from posts p where p.id = reports.post_id));

create policy "Own bookmarks" on bookmarks for select to authenticated using (user_id = (select auth.uid()));
create policy "Bookmark what you see" on bookmarks for insert to authenticated
  with check (user_id = (select auth.uid()) and exists (select 1 from posts p where p.id = bookmarks.post_id));
create policy "Drop own bookmark" on bookmarks for delete to authenticated using (user_id = (select auth.uid()));

create policy "Own notifications" on notifications for select to authenticated using (recipient_id = (select auth.uid()));
create policy "Mark as read" on notifications for update to authenticated
  using (recipient_id = (select auth.uid())) with check (recipient_id = (select auth.uid()));
revoke insert, update, delete on notifications from anon, authenticated;
grant update (read_at) on notifications to authenticated;
