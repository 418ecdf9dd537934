-- fails: a syntax error in the middle; what stands before and after it applies
create table public.drafts (
  id uuid primary key default gen_random_uuid(),
  author_id uuid not null default auth.uid() references public.people (id) on delete cascade,
  body text not null
);
alter table public.drafts enable row level security;
create index on public.drafts (author_id;
create policy "author" on public.drafts to authenticated using (author_id = auth.uid()) with check (author_id = auth.uid());
