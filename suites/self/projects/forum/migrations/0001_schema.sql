create extension if not exists "pgcrypto";

create table profiles (
  id uuid primary key references auth.users on delete cascade,
  username text unique not null check (char_length(username) >= 3),
  bio text,
  avatar_url text,
  reputation integer not null default 0,
  is_staff boolean not null default false,
  created_at timestamptz not null default now()
);

create table categories (
  id serial primary key,
  slug text unique not null,
  title text not null,
  description text
);

create table category_moderators (
  category_id integer not null references categories on delete cascade,
  user_id uuid not null references profiles on delete cascade,
  primary key (category_id, user_id)
);

create type post_visibility as enum ('public', 'private');

create table posts (
  id uuid primary key default gen_random_uuid(),
  category_id integer not null references categories,
  author_id uuid not null references profiles on delete cascade,
  title text not null,
  body text not null,
  visibility post_visibility not null default 'public',
  published_at timestamptz,
  score integer not null default 0,
  comment_count integer not null default 0,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);

create table post_guests (
  post_id uuid not null references posts on delete cascade,
  user_id uuid not null references profiles on delete cascade,
  primary key (post_id, user_id)
);

create table drafts (
  id uuid primary key default gen_random_uuid(),
  author_id uuid not null default auth.uid() references profiles on delete cascade,
  title text,
  body text,
  saved_at timestamptz not null default now()
);

create table comments (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references posts on delete cascade,
  author_id uuid not null references profiles on delete cascade,
  body text not null,
  deleted_at timestamptz,
  created_at timestamptz not null default now()
);

create table votes (
  post_id uuid not null references posts on delete cascade,
  user_id uuid not null default auth.uid() references profiles on delete cascade,
  value smallint not null check (value in (-1, 1)),
  primary key (post_id, user_id)
);

create table blocks (
  blocker_id uuid not null references profiles on delete cascade,
  blocked_id uuid not null references profiles on delete cascade,
  created_at timestamptz not null default now(),
  primary key (blocker_id, blocked_id),
  check (blocker_id <> blocked_id)
);

create table reports (
  id uuid primary key default gen_random_uuid(),
  post_id uuid not null references posts on delete cascade,
  reporter_id uuid not null references profiles on delete cascade,
  reason text not null,
  resolved_by uuid references profiles,
  created_at timestamptz not null default now()
);

create table bookmarks (
  user_id uuid not null default auth.uid() references profiles on delete cascade,
  post_id uuid not null references posts on delete cascade,
  note text,
  created_at timestamptz not null default now(),
  primary key (user_id, post_id)
);

create table notifications (
  id uuid primary key default gen_random_uuid(),
  recipient_id uuid not null references profiles on delete cascade,
  actor_id uuid references profiles on delete set null,
  post_id uuid references posts on delete cascade,
  kind text not null,
  read_at timestamptz,
  created_at timestamptz not null default now()
);
