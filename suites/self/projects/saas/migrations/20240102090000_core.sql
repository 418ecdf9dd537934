-- Organisations, people and membership
create extension if not exists "pgcrypto";
create type public.org_role as enum ('owner', 'admin', 'member', 'viewer');

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  email text,
  full_name text,
  avatar_url text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table public.organizations (
  id uuid primary key default gen_random_uuid(),
  name text not null check (char_length(name) between 2 and 120),
  slug text not null unique,
  billing_email text,
  created_by uuid not null default auth.uid() references auth.users (id),
  created_at timestamptz not null default now()
);

create table public.memberships (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.org_role not null default 'member',
  created_at timestamptz not null default now(),
  removed_at timestamptz,
  primary key (organization_id, user_id)
);
create index memberships_user_idx on public.memberships (user_id);

alter table public.profiles enable row level security;
alter table public.organizations enable row level security;
alter table public.memberships enable row level security;

create or replace function public.is_member_of(_org uuid)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1 from public.memberships m
    where m.organization_id = _org
      and m.user_id = (select auth.uid())
      and m.removed_at is null
  );
$$;

create or replace function public.has_org_role(_org uuid, _roles public.org_role[])
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1 from public.memberships m
    where m.organization_id = _org
      and m.user_id = (select auth.uid())
      and m.removed_at is null
      and m.role = any (_roles)
  );
$$;

create or replace function public.shares_org_with(_user uuid)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1
    from public.memberships mine
    join public.memberships theirs using (organization_id)
    where mine.user_id = (select auth.uid())
      and mine.removed_at is null
      and theirs.user_id = _user
      and theirs.removed_at is null
  );
$$;

revoke execute on function public.is_member_of(uuid) from public, anon;
revoke execute on function public.has_org_role(uuid, public.org_role[]) from public, anon;
revoke execute on function public.shares_org_with(uuid) from public, anon;
grant execute on function public.is_member_of(uuid) to authenticated, service_role;
grant execute on function public.has_org_role(uuid, public.org_role[]) to authenticated, service_role;
grant execute on function public.shares_org_with(uuid) to authenticated, service_role;

create policy "Profiles of colleagues are visible" on public.profiles
  for select to authenticated
  using (id = (select auth.uid()) or public.shares_org_with(id));
create policy "Users update their own profile" on public.profiles
  for update to authenticated
  using (id = (select auth.uid()))
  with check (id = (select auth.uid()));

create policy "Members see their organizations" on public.organizations
  for select to authenticated using (public.is_member_of(id));
create policy "Admins edit their organization" on public.organizations
  for update to authenticated
  using (public.has_org_role(id, array['owner','admin']::public.org_role[]))
  with check (public.has_org_role(id, array['owner','admin']::public.org_role[]));
create policy "Owners delete their organization" on public.organizations
  for delete to authenticated
  using (public.has_org_role(id, array['owner']::public.org_role[]));

create policy "Members see memberships" on public.memberships
  for select to authenticated using (public.is_member_of(organization_id));
create policy "Admins change memberships below them" on public.memberships
  for update to authenticated
  using (
    public.has_org_role(organization_id, array['owner']::public.org_role[])
    or (role in ('member', 'viewer') and public.has_org_role(organization_id, array['admin']::public.org_role[]))
  )
  with check (
    public.has_org_role(organization_id, array['owner']::public.org_role[])
    or (role in ('member', 'viewer') and public.has_org_role(organization_id, array['admin']::public.org_role[]))
  );
create policy "Leave an organization" on public.memberships
  for delete to authenticated
  using (
    (user_id = (select auth.uid()) and role <> 'owner')
    or public.has_org_role(organization_id, array['owner']::public.org_role[])
  );
revoke insert, update on public.memberships from anon, authenticated;
grant update (role, removed_at) on public.memberships to authenticated;

revoke update on public.profiles from anon, authenticated;
grant update (full_name, avatar_url) on public.profiles to authenticated;
revoke insert, update on public.organizations from anon, authenticated;
grant update (name, slug, billing_email) on public.organizations to authenticated;

create or replace function public.handle_new_user()
returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.profiles (id, email, full_name, avatar_url)
  values (new.id, new.email, new.raw_user_meta_data ->> 'full_name', new.raw_user_meta_data ->> 'avatar_url');
  return new;
end;
$$;
create trigger on_auth_user_created
  after insert on auth.users
  for each row execute function public.handle_new_user();

create or replace function public.create_organization(p_name text, p_slug text)
returns public.organizations
language plpgsql security definer set search_path = ''
as $$
declare
  v_org public.organizations;
begin
  if auth.uid() is null then
    raise exception 'not authenticated' using errcode = '42501';
  end if;
  insert into public.organizations (name, slug, created_by)
  values (p_name, lower(p_slug), auth.uid())
  returning * into v_org;
  insert into public.memberships (organization_id, user_id, role)
  values (v_org.id, auth.uid(), 'owner');
  return v_org;
end;
$$;
revoke execute on function public.create_organization(text, text) from public, anon;
grant execute on function public.create_organization(text, text) to authenticated;

create or replace function public.touch_updated_at()
returns trigger language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end;
$$;
create trigger profiles_touch before update on public.profiles
  for each row execute function public.touch_updated_at();
