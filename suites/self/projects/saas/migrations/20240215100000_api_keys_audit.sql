create schema if not exists private;
revoke all on schema private from public, anon, authenticated;

create table public.api_keys (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null,
  prefix text not null,
  hashed_key text not null,
  created_by uuid not null references public.profiles (id),
  last_used_at timestamptz,
  revoked_at timestamptz
);
alter table public.api_keys enable row level security;
revoke all on public.api_keys from anon, authenticated;
grant select (id, organization_id, name, prefix, created_by, last_used_at, revoked_at) on public.api_keys to authenticated;
create policy api_keys_read on public.api_keys for select to authenticated
  using (public.has_org_role(organization_id, '{owner,admin}'));

create table public.audit_log (
  id bigint generated always as identity primary key,
  organization_id uuid references public.organizations (id) on delete set null,
  actor_id uuid references auth.users (id) on delete set null,
  action text not null,
  target_table text,
  target_id text,
  payload jsonb not null default '{}',
  created_at timestamptz not null default now()
);
alter table public.audit_log enable row level security;
revoke insert, update, delete, truncate on public.audit_log from anon, authenticated;
create policy audit_read on public.audit_log for select to authenticated
  using (public.has_org_role(organization_id, '{owner,admin}'));

create function private.write_audit() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
  v_row jsonb := to_jsonb(coalesce(new, old));
begin
  if exists (select 1 from public.organizations o where o.id = (v_row ->> 'organization_id')::uuid) then
    insert into public.audit_log (organization_id, actor_id, action, target_table, target_id)
    values ((v_row ->> 'organization_id')::uuid, auth.uid(), lower(tg_op), tg_table_name, v_row ->> 'id');
  end if;
  return coalesce(new, old);
end;
$$;
create trigger audit_projects after insert or update or delete on public.projects
  for each row execute function private.write_audit();
create trigger audit_memberships after insert or update or delete on public.memberships
  for each row execute function private.write_audit();

create function public.create_api_key(p_org uuid, p_name text) returns text
language plpgsql security definer set search_path = ''
as $$
declare
  v_key text := encode(extensions.gen_random_bytes(32), 'hex');
begin
  if not public.has_org_role(p_org, '{owner,admin}') then
    raise insufficient_privilege;
  end if;
  insert into public.api_keys (organization_id, name, prefix, hashed_key, created_by)
  values (p_org, p_name, left(v_key, 8), encode(extensions.digest(v_key, 'sha256'), 'hex'), auth.uid());
  return v_key;
end;
$$;
create function public.revoke_api_key(p_key uuid) returns void
language plpgsql security definer set search_path = ''
as $$
begin
  update public.api_keys k set revoked_at = now()
  where k.id = p_key and public.has_org_role(k.organization_id, '{owner,admin}');
  if not found then
    raise exception 'no such key' using errcode = 'P0002';
  end if;
end;
$$;
revoke execute on function public.create_api_key(uuid, text), public.revoke_api_key(uuid) from public, anon;
grant execute on function public.create_api_key(uuid, text), public.revoke_api_key(uuid) to authenticated;
