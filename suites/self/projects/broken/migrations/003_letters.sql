create table public.letters (
  id bigint generated always as identity primary key,
  sender_id uuid not null default auth.uid() references public.people (id) on delete cascade,
  recipient_id uuid not null references public.people (id) on delete cascade,
  body text not null,
  sent_at timestamptz not null default now()
);
alter table public.letters enable row level security;
create policy "correspondents read" on public.letters for select to authenticated
  using (auth.uid() in (sender_id, recipient_id));
create policy "sender writes" on public.letters for insert to authenticated with check (sender_id = auth.uid());
