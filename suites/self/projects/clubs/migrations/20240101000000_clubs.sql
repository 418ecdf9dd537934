create table public.profiles (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users(id) on delete cascade,
  handle text not null unique,
  bio text,
  created_at timestamptz not null default now()
);
create table public.clubs (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  is_open boolean not null default false,
  created_by uuid not null references public.profiles(id)
);
create table public.club_members (
  club_id uuid not null references public.clubs(id) on delete cascade,
  profile_id uuid not null references public.profiles(id) on delete cascade,
  role text not null default 'member' check (role in ('admin','member')),
  primary key (club_id, profile_id)
);
create table public.club_posts (
  id bigint generated always as identity primary key,
  club_id uuid not null references public.clubs(id) on delete cascade,
  author_profile uuid not null references public.profiles(id),
  body text not null,
  likes int not null default 0,
  created_at timestamptz not null default now()
);
create table public.club_dues (
  id bigint generated always as identity primary key,
  club_id uuid not null references public.clubs(id),
  profile_id uuid not null references public.profiles(id),
  amount_cents int not null,
  paid boolean not null default false
);
create function public.my_profile() returns uuid language sql stable security definer set search_path = '' as
$$ select p.id from public.profiles p where p.user_id = (select auth.uid()) $$;
create function public.is_member(p_club uuid) returns boolean language sql stable security definer set search_path = '' as
$$ select exists (select 1 from public.club_members m where m.club_id = p_club and m.profile_id = public.my_profile()) $$;
create function public.is_admin(p_club uuid) returns boolean language sql stable security definer set search_path = '' as
$$ select exists (select 1 from public.club_members m where m.club_id = p_club and m.profile_id = public.my_profile() and m.role = 'admin') $$;
alter table public.profiles enable row level security;
alter table public.clubs enable row level security;
alter table public.club_members enable row level security;
alter table public.club_posts enable row level security;
alter table public.club_dues enable row level security;
create policy p_sel on public.profiles for select to authenticated using (true);
create policy p_ins on public.profiles for insert to authenticated with check (user_id = (select auth.uid()));
create policy p_upd on public.profiles for update to authenticated using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy c_sel on public.clubs for select to authenticated using (is_open or public.is_member(id));
create policy c_upd on public.clubs for update to authenticated using (public.is_admin(id)) with check (public.is_admin(id));
create policy m_sel on public.club_members for select to authenticated using (public.is_member(club_id));
create policy m_ins on public.club_members for insert to authenticated with check (public.is_admin(club_id));
create policy m_upd on public.club_members for update to authenticated using (public.is_admin(club_id)) with check (public.is_admin(club_id));
create policy m_del on public.club_members for delete to authenticated using (profile_id = public.my_profile() or public.is_admin(club_id));
create policy po_sel on public.club_posts for select to authenticated using (public.is_member(club_id));
create policy po_ins on public.club_posts for insert to authenticated with check (author_profile = public.my_profile() and public.is_member(club_id));
create policy po_del on public.club_posts for delete to authenticated using (author_profile = public.my_profile());
create policy d_sel on public.club_dues for select to authenticated using (profile_id = public.my_profile() or public.is_admin(club_id));
create policy d_ins on public.club_dues for insert to authenticated with check (public.is_admin(club_id) and exists (select 1 from public.club_members m where m.club_id = club_dues.club_id and m.profile_id = club_dues.profile_id));
-- An admin bills others: that is what the office is for.
create function public.add_due(p_club uuid, p_profile uuid, p_cents int) returns void language plpgsql security definer set search_path = '' as
$$ begin
  if not public.is_admin(p_club) then raise exception 'not an admin' using errcode = '42501'; end if;
  insert into public.club_dues (club_id, profile_id, amount_cents) values (p_club, p_profile, p_cents);
end $$;
create function public.post(p_profile uuid, p_club uuid, p_body text) returns bigint language plpgsql security definer set search_path = '' as
$$ declare v bigint; begin
  if p_profile is distinct from public.my_profile() or not public.is_member(p_club) then raise exception 'not you' using errcode = '42501'; end if;
  insert into public.club_posts (club_id, author_profile, body) values (p_club, p_profile, p_body) returning id into v;
  return v;
end $$;
