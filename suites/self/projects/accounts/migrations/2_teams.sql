create table public.invitations (
  id serial primary key,
  email varchar(255) not null,
  account_id uuid references public.accounts (id) on delete cascade not null,
  invited_by uuid references auth.users on delete cascade not null,
  role varchar(50) references public.roles (name) not null,
  invite_token varchar(255) unique not null default encode(extensions.gen_random_bytes(24), 'hex'),
  created_at timestamptz default current_timestamp not null,
  expires_at timestamptz default current_timestamp + interval '7 days' not null,
  unique (email, account_id)
);
alter table public.invitations enable row level security;
revoke all on public.invitations from authenticated, anon;
grant select, delete on public.invitations to authenticated;
grant insert (email, account_id, invited_by, role) on public.invitations to authenticated;
grant usage on sequence public.invitations_id_seq to authenticated;
grant select, insert, update, delete on public.invitations to service_role;

create policy invitations_read on public.invitations for select to authenticated using (public.has_role_on_account(account_id, 'owner'));
create policy invitations_create on public.invitations for insert to authenticated with check (
  invited_by = (select auth.uid()) and public.has_permission((select auth.uid()), account_id, 'invites.manage'::public.app_permissions)
);
create policy invitations_delete on public.invitations for delete to authenticated using (
  public.has_permission((select auth.uid()), account_id, 'invites.manage'::public.app_permissions)
);

create or replace function public.accept_invitation(token text)
returns uuid language plpgsql security definer set search_path = '' as $$
declare
  invitation public.invitations;
begin
  if auth.uid() is null then
    raise exception 'not authenticated' using errcode = '28000';
  end if;
  select * into invitation from public.invitations
    where invite_token = token and expires_at > now()
      and lower(email) = lower(coalesce(auth.jwt() ->> 'email', ''))
    for update;
  if not found then
    raise exception 'Invalid or expired invitation token';
  end if;
  insert into public.accounts_memberships (user_id, account_id, account_role)
  values (auth.uid(), invitation.account_id, invitation.role)
  on conflict (user_id, account_id) do nothing;
  delete from public.invitations where id = invitation.id;
  return invitation.account_id;
end;
$$;
revoke execute on function public.accept_invitation(text) from public, anon;
grant execute on function public.accept_invitation(text) to authenticated, service_role;

create or replace function public.get_account_members(account_slug text)
returns table (id uuid, user_id uuid, account_id uuid, role varchar(50), name varchar, email varchar, picture_url varchar)
language plpgsql security definer set search_path = '' as $$
begin
  return query
  select acc.id, am.user_id, am.account_id, am.account_role, acc.name, acc.email, acc.picture_url
  from public.accounts_memberships am
  join public.accounts a on a.id = am.account_id
  join public.accounts acc on acc.id = am.user_id
  where a.slug = account_slug and public.has_role_on_account(a.id);
end;
$$;
revoke execute on function public.get_account_members(text) from public, anon;
grant execute on function public.get_account_members(text) to authenticated, service_role;

create or replace function public.transfer_team_account_ownership(target_account_id uuid, new_owner_id uuid)
returns void language plpgsql security definer set search_path = '' as $$
begin
  update public.accounts set primary_owner_user_id = new_owner_id
    where id = target_account_id and is_personal_account = false;
  update public.accounts_memberships set account_role = 'owner'
    where account_id = target_account_id and user_id = new_owner_id;
end;
$$;
revoke execute on function public.transfer_team_account_ownership(uuid, uuid) from public, anon, authenticated;
grant execute on function public.transfer_team_account_ownership(uuid, uuid) to service_role;

create or replace view public.user_accounts with (security_invoker = true) as
  select account.id, account.name, account.picture_url, account.slug, membership.account_role as role
  from public.accounts account
  join public.accounts_memberships membership on account.id = membership.account_id
  where membership.user_id = (select auth.uid()) and account.is_personal_account = false;
grant select on public.user_accounts to authenticated, service_role;

create table public.tasks (
  id uuid primary key default gen_random_uuid(),
  account_id uuid not null references public.accounts (id) on delete cascade,
  title varchar(500) not null,
  description text,
  done boolean not null default false,
  assignee_id uuid references auth.users on delete set null,
  created_by uuid default auth.uid() references auth.users on delete set null,
  created_at timestamptz not null default now()
);
alter table public.tasks enable row level security;
revoke all on public.tasks from authenticated, anon;
grant select, insert, delete on public.tasks to authenticated;
grant update (title, description, done, assignee_id) on public.tasks to authenticated;
create policy select_tasks on public.tasks for select to authenticated using (public.has_role_on_account(account_id));
create policy insert_tasks on public.tasks for insert to authenticated with check (
  created_by = (select auth.uid())
  and public.has_permission((select auth.uid()), account_id, 'tasks.write'::public.app_permissions)
  and (assignee_id is null or public.is_team_member(account_id, assignee_id))
);
create policy update_tasks on public.tasks for update to authenticated
  using (public.has_permission((select auth.uid()), account_id, 'tasks.write'::public.app_permissions))
  with check (public.has_permission((select auth.uid()), account_id, 'tasks.write'::public.app_permissions)
    and (assignee_id is null or public.is_team_member(account_id, assignee_id)));
create policy delete_tasks on public.tasks for delete to authenticated
  using (public.has_permission((select auth.uid()), account_id, 'tasks.delete'::public.app_permissions));

create table public.subscriptions (
  id text primary key,
  account_id uuid not null references public.accounts (id) on delete cascade,
  status text not null check (status in ('active', 'trialing', 'past_due', 'canceled')),
  period_ends_at timestamptz not null,
  created_at timestamptz not null default current_timestamp
);
alter table public.subscriptions enable row level security;
revoke all on public.subscriptions from authenticated, anon;
grant select on public.subscriptions to authenticated;
grant select, insert, update, delete on public.subscriptions to service_role;
create policy subscriptions_read_self on public.subscriptions for select to authenticated using (
  public.has_role_on_account(account_id) or account_id = (select auth.uid())
);

create or replace function public.has_active_subscription(target_account_id uuid)
returns boolean language sql security definer set search_path = '' stable as $$
  select (target_account_id = auth.uid() or public.has_role_on_account(target_account_id)) and exists (
    select 1 from public.subscriptions s where s.account_id = target_account_id and s.status in ('active', 'trialing')
  );
$$;
revoke execute on function public.has_active_subscription(uuid) from public, anon;
grant execute on function public.has_active_subscription(uuid) to authenticated, service_role;

create table public.notifications (
  id bigint generated always as identity primary key,
  account_id uuid not null references public.accounts (id) on delete cascade,
  type text not null default 'info' check (type in ('info', 'warning', 'error')),
  body varchar(5000) not null,
  link varchar(255),
  dismissed boolean not null default false,
  created_at timestamptz not null default now()
);
alter table public.notifications enable row level security;
revoke all on public.notifications from authenticated, anon;
grant select on public.notifications to authenticated;
grant update (dismissed) on public.notifications to authenticated;
grant select, insert, update on public.notifications to service_role;
create policy notifications_read_self on public.notifications for select to authenticated
  using (account_id = (select auth.uid()) or public.has_role_on_account(account_id));
create policy notifications_update_self on public.notifications for update to authenticated
  using (account_id = (select auth.uid()) or public.has_role_on_account(account_id))
  with check (account_id = (select auth.uid()) or public.has_role_on_account(account_id));

create or replace function kit.get_storage_filename_as_uuid(name text) returns uuid language plpgsql set search_path = '' immutable as $$
begin
  return replace(split_part(name, '.', 1), '/', '')::uuid;
exception when others then
  return null;
end;
$$;
grant execute on function kit.get_storage_filename_as_uuid(text) to authenticated, service_role;
insert into storage.buckets (id, name, public) values ('account_image', 'account_image', true);
create policy account_image on storage.objects for all to authenticated using (
  bucket_id = 'account_image' and (
    kit.get_storage_filename_as_uuid(name) = (select auth.uid())
    or public.has_permission((select auth.uid()), kit.get_storage_filename_as_uuid(name), 'settings.manage')
  )
) with check (
  bucket_id = 'account_image' and (
    kit.get_storage_filename_as_uuid(name) = (select auth.uid())
    or public.has_permission((select auth.uid()), kit.get_storage_filename_as_uuid(name), 'settings.manage')
  )
);
