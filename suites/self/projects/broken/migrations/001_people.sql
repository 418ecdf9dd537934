create table public.people (
  id uuid primary key references auth.users (id) on delete cascade,
  nickname text not null
);
alter table public.people enable row level security;
create policy "own row" on public.people for select to authenticated using (id = auth.uid());
create policy "own row is changed" on public.people for update to authenticated using (id = auth.uid());
