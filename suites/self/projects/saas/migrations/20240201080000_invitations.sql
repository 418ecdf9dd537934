create table public.invitations (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null,
  role public.org_role not null default 'member',
  token text not null unique default encode(gen_random_bytes(24), 'hex'),
  invited_by uuid not null references public.profiles (id),
  expires_at timestamptz not null default now() + interval '7 days',
  accepted_at timestamptz,
  accepted_by uuid references public.profiles (id)
);
alter table public.invitations enable row level security;
revoke all on public.invitations from anon, authenticated;
grant select (id, organization_id, email, role, invited_by, expires_at, accepted_at, accepted_by) on public.invitations to authenticated;
grant delete on public.invitations to authenticated;

create policy "admins see invitations" on public.invitations for select to authenticated
  using (public.has_org_role(organization_id, array['owner','admin']::public.org_role[]));
create policy "admins revoke invitations" on public.invitations for delete to authenticated
  using (public.has_org_role(organization_id, array['owner','admin']::public.org_role[]));

create function public.invite_member(p_org uuid, p_email text, p_role public.org_role default 'member')
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_id uuid;
begin
  if not public.has_org_role(p_org, array['owner','admin']::public.org_role[]) then
    raise exception 'only admins may invite' using errcode = '42501';
  end if;
  if p_role in ('owner', 'admin') and not public.has_org_role(p_org, array['owner']::public.org_role[]) then
    raise exception 'only owners may invite admins' using errcode = '42501';
  end if;
  insert into public.invitations (organization_id, email, role, invited_by)
  values (p_org, lower(p_email), p_role, auth.uid())
  returning id into v_id;
  return v_id;
end;
$$;

create function public.accept_invitation(p_token text)
returns uuid
language plpgsql security definer set search_path = ''
as $$
declare
  v_inv public.invitations;
begin
  if auth.uid() is null then
    raise exception 'not authenticated' using errcode = '42501';
  end if;
  select * into v_inv from public.invitations i
  where i.token = p_token and i.accepted_at is null and i.expires_at > now()
  for update;
  if not found then
    raise exception 'invitation not found' using errcode = 'P0002';
  end if;
  insert into public.memberships (organization_id, user_id, role)
  values (v_inv.organization_id, auth.uid(), v_inv.role)
  on conflict (organization_id, user_id) do update set removed_at = null, role = excluded.role
    where memberships.removed_at is not null;
  update public.invitations set accepted_at = now(), accepted_by = auth.uid() where id = v_inv.id;
  return v_inv.organization_id;
end;
$$;
revoke execute on function public.invite_member(uuid, text, public.org_role) from public, anon;
revoke execute on function public.accept_invitation(text) from public, anon;
grant execute on function public.invite_member(uuid, text, public.org_role) to authenticated;
grant execute on function public.accept_invitation(text) to authenticated;
