create schema private;
revoke all on schema private from public;
grant usage on schema private to authenticated, service_role;

create table public.desks (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  lead_id uuid not null references auth.users (id)
);
create table public.desk_members (
  desk_id uuid not null references public.desks (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  primary key (desk_id, user_id)
);
create table public.tickets (
  id uuid primary key default gen_random_uuid(),
  desk_id uuid not null references public.desks (id) on delete cascade,
  opened_by uuid not null references auth.users (id),
  assignee_id uuid references auth.users (id),
  subject text not null,
  state text not null default 'open' check (state in ('open', 'waiting', 'closed'))
);
create table public.shifts (
  id uuid primary key default gen_random_uuid(),
  desk_id uuid not null references public.desks (id) on delete cascade,
  worker_id uuid not null references auth.users (id),
  points int not null default 0
);
alter table public.desks enable row level security;
alter table public.desk_members enable row level security;
alter table public.tickets enable row level security;
alter table public.shifts enable row level security;

create function private.my_desks() returns setof uuid language sql stable security definer set search_path = '' as $$
  select id from public.desks where lead_id = auth.uid()
  union
  select desk_id from public.desk_members where user_id = auth.uid()
$$;
revoke all on function private.my_desks() from public;
grant execute on function private.my_desks() to authenticated;

create policy "of my desks" on public.desks for select to authenticated using (id in (select private.my_desks()));
create policy "of my desks" on public.desk_members for select to authenticated using (desk_id in (select private.my_desks()));
create policy "of my desks" on public.tickets for select to authenticated using (desk_id in (select private.my_desks()));
create policy "opened by me" on public.tickets for insert to authenticated
  with check (desk_id in (select private.my_desks()) and opened_by = auth.uid());
create policy "handled by any of us" on public.tickets for update to authenticated using (desk_id in (select private.my_desks()));
create policy "closed for good by leads" on public.tickets for delete to authenticated
  using (desk_id in (select id from public.desks where lead_id = auth.uid()));
create policy "planned by leads" on public.shifts to authenticated
  using (desk_id in (select id from public.desks where lead_id = auth.uid()));
revoke update on public.tickets from anon, authenticated;
grant update (assignee_id, subject, state) on public.tickets to authenticated;
