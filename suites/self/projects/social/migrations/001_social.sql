create type visibility as enum ('public', 'followers', 'private');
create table profiles (
  id uuid primary key references auth.users on delete cascade,
  handle text unique not null check (handle ~ '^[a-z0-9_]{3,30}$'),
  display_name text,
  avatar_url text,
  updated_at timestamptz default now()
);
create table follows (
  follower_id uuid not null references profiles (id) on delete cascade,
  followee_id uuid not null references profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (follower_id, followee_id),
  check (follower_id <> followee_id)
);
create table blocks (
  blocker_id uuid not null references profiles (id) on delete cascade,
  blocked_id uuid not null references profiles (id) on delete cascade,
  primary key (blocker_id, blocked_id)
);
create table posts (
  id bigint generated always as identity primary key,
  author_id uuid not null references profiles (id) on delete cascade,
  body text not null check (char_length(body) <= 500),
  visibility visibility not null default 'public',
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);
create table likes (
  post_id bigint not null references posts (id) on delete cascade,
  user_id uuid not null references profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (post_id, user_id)
);
create or replace function handle_new_user() returns trigger language plpgsql security definer set search_path = public as $$
begin
  insert into profiles (id, handle, display_name) values (new.id, 'user_' || substr(replace(new.id::text, '-', ''), 1, 12), new.raw_user_meta_data ->> 'full_name');
  return new;
end $$;
create trigger on_auth_user_created after insert on auth.users for each row execute procedure handle_new_user();
alter table profiles enable row level security;
alter table follows enable row level security;
alter table blocks enable row level security;
alter table posts enable row level security;
alter table likes enable row level security;
create policy "profiles are public" on profiles for select using (true);
create policy "own profile update" on profiles for update using ((select auth.uid()) = id) with check ((select auth.uid()) = id);
create policy "see my follows" on follows for select to authenticated using (follower_id = (select auth.uid()) or followee_id = (select auth.uid()));
create policy "follow" on follows for insert to authenticated with check (follower_id = (select auth.uid()) and not exists (select 1 from blocks b where b.blocker_id = followee_id and b.blocked_id = follower_id));
create policy "unfollow" on follows for delete to authenticated using (follower_id = (select auth.uid()));
create policy "own blocks" on blocks for all to authenticated using (blocker_id = (select auth.uid())) with check (blocker_id = (select auth.uid()));
create policy "read posts" on posts for select to authenticated using (
  author_id = (select auth.uid())
  or (deleted_at is null and visibility = 'public')
  or (deleted_at is null and visibility = 'followers' and exists (select 1 from follows f where f.followee_id = author_id and f.follower_id = (select auth.uid()))));
create policy "write posts" on posts for insert to authenticated with check (author_id = (select auth.uid()));
create policy "edit posts" on posts for update to authenticated using (author_id = (select auth.uid())) with check (author_id = (select auth.uid()));
create policy "see likes" on likes for select to authenticated using (exists (select 1 from posts where posts.id = likes.post_id));
create policy "like" on likes for insert to authenticated with check (user_id = (select auth.uid()) and exists (select 1 from posts where posts.id = post_id));
create policy "unlike" on likes for delete to authenticated using (user_id = (select auth.uid()));
create function toggle_like(p_post_id bigint) returns boolean language plpgsql security invoker as $$
begin
  delete from likes where post_id = p_post_id and user_id = auth.uid();
  if found then return false; end if;
  insert into likes (post_id, user_id) values (p_post_id, auth.uid());
  return true;
end $$;
create function feed(p_limit int default 20, p_before timestamptz default now()) returns setof posts language sql stable as $$
  select p.* from posts p where p.author_id = auth.uid() or p.author_id in (select followee_id from follows where follower_id = auth.uid())
  order by created_at desc limit p_limit $$;
