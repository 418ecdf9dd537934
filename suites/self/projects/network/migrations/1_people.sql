create extension if not exists citext with schema extensions;
create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  username extensions.citext not null unique check (char_length(username::text) between 3 and 30),
  display_name text,
  bio text check (char_length(bio) <= 300),
  avatar_url text,
  is_private boolean not null default false,
  verified boolean not null default false,
  followers_count int not null default 0,
  following_count int not null default 0,
  created_at timestamptz not null default now()
);
create table public.follows (
  follower_id uuid not null references public.profiles (id) on delete cascade,
  following_id uuid not null references public.profiles (id) on delete cascade,
  status text not null default 'pending' check (status in ('pending', 'accepted')),
  created_at timestamptz not null default now(),
  primary key (follower_id, following_id),
  check (follower_id <> following_id)
);
create table public.blocks (
  blocker_id uuid not null references public.profiles (id) on delete cascade,
  blocked_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  check (blocker_id <> blocked_id)
);
create table public.posts (
  id uuid primary key default gen_random_uuid(),
  author_id uuid not null references public.profiles (id) on delete cascade,
  body text not null check (char_length(body) between 1 and 1000),
  likes_count int not null default 0,
  comments_count int not null default 0,
  created_at timestamptz not null default now()
);
create table public.likes (
  post_id uuid not null references public.posts (id) on delete cascade,
  user_id uuid not null references public.profiles (id) on delete cascade,
  created_at timestamptz not null default now(),
  primary key (post_id, user_id)
);
create table public.comments (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references public.posts (id) on delete cascade,
  author_id uuid not null references public.profiles (id) on delete cascade,
  body text not null check (char_length(body) between 1 and 500),
  created_at timestamptz not null default now()
);
create table public.notifications (
  id bigint generated always as identity primary key,
  recipient_id uuid not null references public.profiles (id) on delete cascade,
  actor_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null check (kind in ('follow', 'follow_request', 'like', 'comment')),
  post_id uuid references public.posts (id) on delete cascade,
  read_at timestamptz,
  created_at timestamptz not null default now()
);
create table public.reports (
  id uuid primary key default gen_random_uuid(),
  reporter_id uuid not null references public.profiles (id) on delete cascade,
  post_id uuid not null references public.posts (id) on delete cascade,
  reason text not null,
  created_at timestamptz not null default now(),
  unique (reporter_id, post_id)
);
create index on public.posts (author_id, created_at desc);
create index on public.notifications (recipient_id, created_at desc);

alter table public.profiles enable row level security;
alter table public.follows enable row level security;
alter table public.blocks enable row level security;
alter table public.posts enable row level security;
alter table public.likes enable row level security;
alter table public.comments enable row level security;
alter table public.notifications enable row level security;
alter table public.reports enable row level security;

create schema private;
grant usage on schema private to authenticated;

create function private.is_blocked(other uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select 1 from public.blocks b
    where (b.blocker_id = (select auth.uid()) and b.blocked_id = other)
       or (b.blocker_id = other and b.blocked_id = (select auth.uid()))
  );
$$;
create function private.can_view_author(author uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select (select auth.uid()) is not null and (
    author = (select auth.uid())
    or (not private.is_blocked(author) and (
      exists (select 1 from public.profiles p where p.id = author and not p.is_private)
      or exists (select 1 from public.follows f where f.following_id = author and f.follower_id = (select auth.uid()) and f.status = 'accepted')
    ))
  );
$$;
create function private.can_view_post(post uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (select 1 from public.posts p where p.id = post and private.can_view_author(p.author_id));
$$;

create policy "Profiles are visible to signed-in users unless blocked" on public.profiles for select to authenticated
  using (not private.is_blocked(id));
create policy "Users create their profile" on public.profiles for insert to authenticated with check (id = (select auth.uid()));
create policy "Users edit their profile" on public.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));
revoke insert, update on public.profiles from anon, authenticated;
grant insert (id, username, display_name, bio, avatar_url, is_private) on public.profiles to authenticated;
grant update (username, display_name, bio, avatar_url, is_private) on public.profiles to authenticated;

create policy "See own follows and those of visible accounts" on public.follows for select to authenticated using (
  follower_id = (select auth.uid()) or following_id = (select auth.uid())
  or (status = 'accepted' and private.can_view_author(follower_id) and private.can_view_author(following_id))
);
create policy "Follow in one's own name" on public.follows for insert to authenticated with check (
  follower_id = (select auth.uid()) and not private.is_blocked(following_id)
);
create policy "Accept requests to oneself" on public.follows for update to authenticated
  using (following_id = (select auth.uid())) with check (following_id = (select auth.uid()));
create policy "Unfollow or remove a follower" on public.follows for delete to authenticated
  using (follower_id = (select auth.uid()) or following_id = (select auth.uid()));
revoke insert, update on public.follows from anon, authenticated;
grant insert (follower_id, following_id) on public.follows to authenticated;
grant update (status) on public.follows to authenticated;

create policy "Own blocks" on public.blocks for select to authenticated using (blocker_id = (select auth.uid()));
create policy "Block somebody" on public.blocks for insert to authenticated with check (blocker_id = (select auth.uid()));
create policy "Unblock" on public.blocks for delete to authenticated using (blocker_id = (select auth.uid()));

create policy "Posts of visible authors" on public.posts for select to authenticated using (private.can_view_author(author_id));
create policy "Post as oneself" on public.posts for insert to authenticated with check (author_id = (select auth.uid()));
create policy "Edit own posts" on public.posts for update to authenticated
  using (author_id = (select auth.uid())) with check (author_id = (select auth.uid()));
create policy "Delete own posts" on public.posts for delete to authenticated using (author_id = (select auth.uid()));
revoke insert, update on public.posts from anon, authenticated;
grant insert (id, author_id, body) on public.posts to authenticated;
grant update (body) on public.posts to authenticated;

create policy "Likes of visible posts" on public.likes for select to authenticated using (private.can_view_post(post_id));
create policy "Like visible posts" on public.likes for insert to authenticated
  with check (user_id = (select auth.uid()) and private.can_view_post(post_id));
create policy "Unlike" on public.likes for delete to authenticated using (user_id = (select auth.uid()));

create policy "Comments of visible posts" on public.comments for select to authenticated
  using (private.can_view_post(post_id) and not private.is_blocked(author_id));
create policy "Comment visible posts" on public.comments for insert to authenticated
  with check (author_id = (select auth.uid()) and private.can_view_post(post_id));
create policy "Delete own comments or those below own posts" on public.comments for delete to authenticated using (
  author_id = (select auth.uid())
  or exists (select 1 from public.posts p where p.id = comments.post_id and p.author_id = (select auth.uid()))
);

create policy "Own notifications" on public.notifications for select to authenticated using (recipient_id = (select auth.uid()));
create policy "Mark own notifications" on public.notifications for update to authenticated
  using (recipient_id = (select auth.uid())) with check (recipient_id = (select auth.uid()));
create policy "Clear own notifications" on public.notifications for delete to authenticated using (recipient_id = (select auth.uid()));
revoke insert, update on public.notifications from anon, authenticated;
grant update (read_at) on public.notifications to authenticated;

create policy "Report visible posts" on public.reports for insert to authenticated
  with check (reporter_id = (select auth.uid()) and private.can_view_post(post_id));
create policy "Own reports" on public.reports for select to authenticated using (reporter_id = (select auth.uid()));
