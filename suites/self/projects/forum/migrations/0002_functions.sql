create or replace function is_moderator(p_category integer) returns boolean
language sql stable security definer set search_path = public as $$
  select exists (select 1 from category_moderators where category_id = p_category and user_id = auth.uid())
$$;

create or replace function is_blocked_by(p_author uuid) returns boolean
language sql stable security definer set search_path = public as $$
  select exists (select 1 from blocks where blocker_id = p_author and blocked_id = auth.uid())
$$;

create or replace function is_guest(p_post uuid) returns boolean
language sql stable security definer set search_path = public as $$
  select exists (select 1 from post_guests where post_id = p_post and user_id = auth.uid())
$$;

create or replace function is_post_author(p_post uuid) returns boolean
language sql stable security definer set search_path = public as $$
  select exists (select 1 from posts where id = p_post and author_id = auth.uid())
$$;

create or replace function handle_new_user() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into public.profiles (id, username)
  values (new.id, 'user_' || replace(new.id::text, '-', ''))
  on conflict do nothing;
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users for each row execute procedure handle_new_user();

create or replace function bump_score() returns trigger
language plpgsql security definer set search_path = public as $$
begin
  update posts set score = (select coalesce(sum(value), 0) from votes v where v.post_id = posts.id)
  where id in (new.post_id, old.post_id);
  return null;
end $$;
create trigger votes_score after insert or update or delete on votes for each row execute function bump_score();

create or replace function on_comment() returns trigger
language plpgsql security definer set search_path = public as $$
begin
  update posts set comment_count = comment_count + 1 where id = new.post_id;
  insert into notifications (recipient_id, actor_id, post_id, kind)
  select p.author_id, new.author_id, p.id, 'comment' from posts p where p.id = new.post_id and p.author_id <> new.author_id;
  return new;
end $$;
create trigger comments_notify after insert on comments for each row execute function on_comment();

revoke execute on function handle_new_user(), bump_score(), on_comment() from public, anon, authenticated;
