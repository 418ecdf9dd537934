create function private.on_follow() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if not exists (select 1 from public.profiles where id = new.following_id and is_private) then
    new.status := 'accepted';
  else
    new.status := 'pending';
  end if;
  return new;
end $$;
create trigger follow_status before insert on public.follows for each row execute function private.on_follow();

create function private.after_follow() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'INSERT' then
    insert into public.notifications (recipient_id, actor_id, kind)
    values (new.following_id, new.follower_id, case when new.status = 'accepted' then 'follow' else 'follow_request' end);
  end if;
  if tg_op <> 'DELETE' and new.status = 'accepted' and (tg_op = 'INSERT' or old.status <> 'accepted') then
    update public.profiles set followers_count = followers_count + 1 where id = new.following_id;
    update public.profiles set following_count = following_count + 1 where id = new.follower_id;
  elsif tg_op = 'DELETE' and old.status = 'accepted' then
    update public.profiles set followers_count = greatest(0, followers_count - 1) where id = old.following_id;
    update public.profiles set following_count = greatest(0, following_count - 1) where id = old.follower_id;
  end if;
  return null;
end $$;
create trigger follow_effects after insert or update or delete on public.follows for each row execute function private.after_follow();

create function private.after_like() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  author uuid;
begin
  if tg_op = 'INSERT' then
    update public.posts set likes_count = likes_count + 1 where id = new.post_id returning author_id into author;
    if author <> new.user_id then
      insert into public.notifications (recipient_id, actor_id, kind, post_id) values (author, new.user_id, 'like', new.post_id);
    end if;
  else
    update public.posts set likes_count = greatest(0, likes_count - 1) where id = old.post_id;
  end if;
  return null;
end $$;
create trigger like_effects after insert or delete on public.likes for each row execute function private.after_like();

create function private.after_comment() returns trigger language plpgsql security definer set search_path = '' as $$
declare
  author uuid;
begin
  if tg_op = 'INSERT' then
    update public.posts set comments_count = comments_count + 1 where id = new.post_id returning author_id into author;
    if author <> new.author_id then
      insert into public.notifications (recipient_id, actor_id, kind, post_id) values (author, new.author_id, 'comment', new.post_id);
    end if;
  else
    update public.posts set comments_count = greatest(0, comments_count - 1) where id = old.post_id;
  end if;
  return null;
end $$;
create trigger comment_effects after insert or delete on public.comments for each row execute function private.after_comment();

create function private.after_block() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  delete from public.follows
  where (follower_id = new.blocker_id and following_id = new.blocked_id)
     or (follower_id = new.blocked_id and following_id = new.blocker_id);
  return null;
end $$;
create trigger block_effects after insert on public.blocks for each row execute function private.after_block();

create function public.feed(before timestamptz default now(), page_size int default 20)
returns table (id uuid, author_id uuid, username text, body text, likes_count int, created_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select p.id, p.author_id, pr.username::text, p.body, p.likes_count, p.created_at
  from public.posts p
  join public.profiles pr on pr.id = p.author_id
  where p.created_at < before
    and (p.author_id = (select auth.uid()) or exists (
      select 1 from public.follows f
      where f.follower_id = (select auth.uid()) and f.following_id = p.author_id and f.status = 'accepted'))
    and private.can_view_author(p.author_id)
  order by p.created_at desc
  limit least(page_size, 50);
$$;

create function public.search_profiles(query text)
returns table (id uuid, username text, display_name text, avatar_url text, is_private boolean)
language sql stable security definer set search_path = '' as $$
  select p.id, p.username::text, p.display_name, p.avatar_url, p.is_private
  from public.profiles p
  where auth.uid() is not null
    and char_length(query) >= 2
    and p.username::text ilike replace(replace(query, '%', '\%'), '_', '\_') || '%'
    and not private.is_blocked(p.id)
  order by p.username
  limit 20;
$$;

create function public.accept_follow(p_follower uuid) returns void language plpgsql security definer set search_path = '' as $$
begin
  update public.follows set status = 'accepted'
  where following_id = auth.uid() and follower_id = p_follower and status = 'pending';
  if not found then
    raise exception 'no such request' using errcode = 'P0002';
  end if;
end $$;

create function public.mark_all_read() returns int language plpgsql security definer set search_path = '' as $$
declare
  n int;
begin
  update public.notifications set read_at = now() where recipient_id = auth.uid() and read_at is null;
  get diagnostics n = row_count;
  return n;
end $$;

create function public.unread_count() returns bigint language sql stable security definer set search_path = '' as $$
  select count(*) from public.notifications where recipient_id = (select auth.uid()) and read_at is null;
$$;
revoke execute on function public.feed(timestamptz, int), public.search_profiles(text), public.accept_follow(uuid),
  public.mark_all_read(), public.unread_count() from public, anon;
grant execute on function public.feed(timestamptz, int), public.search_profiles(text), public.accept_follow(uuid),
  public.mark_all_read(), public.unread_count() to authenticated;
