create table if not exists public.consents (
  id bigint generated always as identity primary key,
  patient_id uuid not null references public.patients(id) on delete cascade,
  purpose text not null,
  granted_at timestamptz not null default now(),
  revoked_at timestamptz,
  unique (patient_id, purpose)
);
create table if not exists public.documents (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references public.patients(id) on delete cascade,
  uploaded_by uuid not null default auth.uid() references auth.users(id),
  object_path text not null unique,
  title text not null,
  created_at timestamptz not null default now()
);
alter table public.consents enable row level security;
alter table public.documents enable row level security;

create policy "patient manages consents" on public.consents for all to authenticated
  using (private.is_me(patient_id)) with check (private.is_me(patient_id));
create policy "carer reads consents" on public.consents for select to authenticated
  using (private.cares_for(patient_id));

create policy "documents: read" on public.documents for select to authenticated
  using (private.is_me(patient_id) or private.cares_for(patient_id));
create policy "documents: upload" on public.documents for insert to authenticated
  with check (
    uploaded_by = (select auth.uid())
    and (private.is_me(patient_id) or private.cares_for(patient_id))
    and object_path like patient_id::text || '/%'
  );
create policy "documents: remove own upload" on public.documents for delete to authenticated
  using (uploaded_by = (select auth.uid()) and (private.is_me(patient_id) or private.cares_for(patient_id)));

insert into storage.buckets (id, name, public) values ('medical', 'medical', false) on conflict (id) do nothing;

-- medical/<patient id>/<file>
create or replace function private.may_reach_folder(p_folder text)
returns boolean language plpgsql stable security definer set search_path = ''
as $$
begin
  return private.is_me(p_folder::uuid) or private.cares_for(p_folder::uuid);
exception when invalid_text_representation then
  return false;
end $$;
revoke all on function private.may_reach_folder(text) from public, anon;
grant execute on function private.may_reach_folder(text) to authenticated;

create policy "medical files: read" on storage.objects for select to authenticated
  using (bucket_id = 'medical' and private.may_reach_folder((storage.foldername(name))[1]));
create policy "medical files: upload" on storage.objects for insert to authenticated
  with check (bucket_id = 'medical' and private.may_reach_folder((storage.foldername(name))[1]));
