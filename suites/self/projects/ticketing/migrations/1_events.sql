create extension if not exists pg_cron;
create type public.event_status as enum ('draft', 'published', 'cancelled');
create type public.ticket_status as enum ('reserved', 'paid', 'checked_in', 'cancelled');

create table public.profiles (
  id uuid primary key references auth.users on delete cascade,
  full_name text,
  phone text,
  created_at timestamptz not null default now()
);
create table public.organizers (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  slug text not null unique,
  owner_id uuid not null references auth.users on delete restrict,
  created_at timestamptz not null default now()
);
create table public.organizer_staff (
  organizer_id uuid not null references public.organizers on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  role text not null default 'door' check (role in ('door', 'manager')),
  primary key (organizer_id, user_id)
);
create table public.events (
  id uuid primary key default gen_random_uuid(),
  organizer_id uuid not null references public.organizers on delete cascade,
  title text not null,
  slug text not null unique,
  description text,
  venue text,
  starts_at timestamptz not null,
  status public.event_status not null default 'draft',
  created_at timestamptz not null default now()
);
create table public.ticket_types (
  id uuid primary key default gen_random_uuid(),
  event_id uuid not null references public.events on delete cascade,
  name text not null,
  price_cents int not null check (price_cents >= 0),
  capacity int not null check (capacity > 0),
  sold int not null default 0 check (sold >= 0),
  check (sold <= capacity)
);
create table public.tickets (
  id uuid primary key default gen_random_uuid(),
  ticket_type_id uuid not null references public.ticket_types on delete restrict,
  user_id uuid not null references auth.users on delete cascade,
  status public.ticket_status not null default 'reserved',
  code uuid not null unique default gen_random_uuid(),
  reserved_until timestamptz default now() + interval '15 minutes',
  checked_in_at timestamptz,
  checked_in_by uuid references auth.users on delete set null,
  created_at timestamptz not null default now()
);
create table public.waitlist_entries (
  id bigint generated always as identity primary key,
  ticket_type_id uuid not null references public.ticket_types on delete cascade,
  user_id uuid not null references auth.users on delete cascade,
  offered_at timestamptz,
  created_at timestamptz not null default now(),
  unique (ticket_type_id, user_id)
);
create table public.payments (
  id uuid primary key default gen_random_uuid(),
  ticket_id uuid not null references public.tickets on delete restrict,
  provider_ref text not null unique,
  amount_cents int not null,
  created_at timestamptz not null default now()
);
create table public.webhook_events (
  id text primary key,
  kind text not null,
  payload jsonb not null,
  received_at timestamptz not null default now()
);

alter table public.profiles enable row level security;
alter table public.organizers enable row level security;
alter table public.organizer_staff enable row level security;
alter table public.events enable row level security;
alter table public.ticket_types enable row level security;
alter table public.tickets enable row level security;
alter table public.waitlist_entries enable row level security;
alter table public.payments enable row level security;
alter table public.webhook_events enable row level security;

create function public.is_organizer_staff(p_organizer uuid, p_roles text[] default array['door', 'manager'])
returns boolean language sql stable security definer set search_path = public as $$
  select exists (select 1 from organizers where id = p_organizer and owner_id = auth.uid())
      or exists (select 1 from organizer_staff where organizer_id = p_organizer and user_id = auth.uid() and role = any (p_roles));
$$;
create function public.event_organizer(p_event uuid) returns uuid language sql stable security definer set search_path = public as $$
  select organizer_id from events where id = p_event;
$$;
revoke execute on function public.event_organizer(uuid) from public, anon;
grant execute on function public.event_organizer(uuid) to authenticated;

create policy "own profile" on public.profiles for all to authenticated using (id = auth.uid()) with check (id = auth.uid());

create policy "organizers are public" on public.organizers for select using (true);
create policy "create own organizer" on public.organizers for insert to authenticated with check (owner_id = auth.uid());
create policy "owner edits organizer" on public.organizers for update to authenticated using (owner_id = auth.uid()) with check (owner_id = auth.uid());

create policy "staff sees staff" on public.organizer_staff for select to authenticated
  using (user_id = auth.uid() or is_organizer_staff(organizer_id));
create policy "owner hires" on public.organizer_staff for insert to authenticated
  with check (exists (select 1 from public.organizers o where o.id = organizer_id and o.owner_id = auth.uid()));
create policy "owner changes roles" on public.organizer_staff for update to authenticated
  using (exists (select 1 from public.organizers o where o.id = organizer_id and o.owner_id = auth.uid()))
  with check (exists (select 1 from public.organizers o where o.id = organizer_id and o.owner_id = auth.uid()));
create policy "owner fires, staff leaves" on public.organizer_staff for delete to authenticated
  using (user_id = auth.uid() or exists (select 1 from public.organizers o where o.id = organizer_id and o.owner_id = auth.uid()));

create policy "published events are public" on public.events for select using (status = 'published');
create policy "staff sees events" on public.events for select to authenticated using (is_organizer_staff(organizer_id));
create policy "managers create events" on public.events for insert to authenticated
  with check (is_organizer_staff(organizer_id, array['manager']));
create policy "managers edit events" on public.events for update to authenticated
  using (is_organizer_staff(organizer_id, array['manager'])) with check (is_organizer_staff(organizer_id, array['manager']));
create policy "managers delete drafts" on public.events for delete to authenticated
  using (status = 'draft' and is_organizer_staff(organizer_id, array['manager']));

create policy "ticket types of published events" on public.ticket_types for select
  using (exists (select 1 from public.events e where e.id = event_id and e.status = 'published'));
create policy "staff sees ticket types" on public.ticket_types for select to authenticated
  using (is_organizer_staff(event_organizer(event_id)));
create policy "managers add ticket types" on public.ticket_types for insert to authenticated
  with check (is_organizer_staff(event_organizer(event_id), array['manager']) and sold = 0);
create policy "managers edit ticket types" on public.ticket_types for update to authenticated
  using (is_organizer_staff(event_organizer(event_id), array['manager']))
  with check (is_organizer_staff(event_organizer(event_id), array['manager']));
revoke update on public.ticket_types from anon, authenticated;
grant update (name, price_cents, capacity) on public.ticket_types to authenticated;

create policy "own tickets" on public.tickets for select to authenticated using (user_id = auth.uid());
create policy "staff sees tickets" on public.tickets for select to authenticated using (
  exists (select 1 from public.ticket_types t where t.id = ticket_type_id and is_organizer_staff(event_organizer(t.event_id)))
);
create policy "own place on the waitlist" on public.waitlist_entries for select to authenticated using (user_id = auth.uid());
create policy "leave the waitlist" on public.waitlist_entries for delete to authenticated using (user_id = auth.uid());
create policy "own payments" on public.payments for select to authenticated
  using (exists (select 1 from public.tickets t where t.id = ticket_id and t.user_id = auth.uid()));
