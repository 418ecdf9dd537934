-- A rowing federation: each rower's card names one club; crews talk by the card, not by the account.
create table clubs (id uuid primary key default gen_random_uuid(), name text not null, founded date);
create table rower_cards (
  id uuid primary key default gen_random_uuid(),
  account uuid not null unique references auth.users (id) on delete cascade,
  club_id uuid references clubs (id),
  nickname text
);
create table crews (id uuid primary key default gen_random_uuid(), boat text not null);
create table crew_seats (
  id uuid primary key default gen_random_uuid(),
  crew_id uuid not null references crews (id) on delete cascade,
  card_id uuid not null references rower_cards (id) on delete cascade,
  unique (crew_id, card_id)
);
create table crew_notes (
  id uuid primary key default gen_random_uuid(),
  crew_id uuid not null references crews (id) on delete cascade,
  body text not null
);
-- No foreign key: the log outlives the club.
create table training_log (id uuid primary key default gen_random_uuid(), club_id uuid not null, distance int not null, remark text);
create table shouts (
  id uuid primary key default gen_random_uuid(),
  author uuid not null references auth.users (id) on delete cascade,
  text text not null,
  expires_at timestamptz not null default now() + interval '1 day'
);
alter table clubs enable row level security;
alter table rower_cards enable row level security;
alter table crews enable row level security;
alter table crew_seats enable row level security;
alter table crew_notes enable row level security;
alter table training_log enable row level security;
alter table shouts enable row level security;

create function my_club() returns uuid stable security definer set search_path = '' language sql
  as $$ select club_id from public.rower_cards where account = auth.uid() $$;
create function sits_in(crew uuid) returns boolean stable security definer set search_path = '' language sql as $$
  select exists (select 1 from public.crew_seats s join public.rower_cards c on c.id = s.card_id
    where s.crew_id = crew and c.account = auth.uid())
$$;

create policy "my club" on clubs for select to authenticated using (id = (select my_club()));
create policy "my card" on rower_cards for select to authenticated using (account = auth.uid());
create policy "my crews" on crews for select to authenticated using (sits_in(id));
create policy "seats of my crews" on crew_seats for select to authenticated using (sits_in(crew_id));
create policy "notes of my crews" on crew_notes for select to authenticated using (sits_in(crew_id));
create policy "crew writes notes" on crew_notes for insert to authenticated with check (sits_in(crew_id));
create policy "log of my club" on training_log for select to authenticated using (club_id = (select my_club()));
create policy "club logs" on training_log for insert to authenticated with check (club_id = (select my_club()));
create policy "Shouts viewable by authenticated" on shouts for select to authenticated using (expires_at > now());
create policy "shout" on shouts for insert to authenticated with check (author = auth.uid());
