create extension if not exists vector;
create table public.notes (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  body text not null,
  embedding vector(3)
);
alter table public.notes enable row level security;
create policy "own notes" on public.notes to authenticated using (owner_id = auth.uid()) with check (owner_id = auth.uid());
