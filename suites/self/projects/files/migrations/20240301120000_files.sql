create table folders (id uuid primary key default gen_random_uuid(), owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade, parent_id uuid references folders (id), name text not null check (name <> ''), unique nulls not distinct (owner_id, parent_id, name));
create table files (
  id uuid primary key default gen_random_uuid(),
  folder_id uuid references folders (id) on delete set null,
  owner_id uuid not null default auth.uid() references auth.users (id) on delete cascade,
  path text not null unique,
  size_bytes bigint not null check (size_bytes >= 0),
  mime text not null default 'application/octet-stream',
  sha256 bytea check (octet_length(sha256) = 32),
  deleted_at timestamptz
);
create table file_shares (
  file_id uuid not null references files (id) on delete cascade,
  shared_with uuid not null references auth.users (id) on delete cascade,
  can_edit boolean not null default false,
  expires_at timestamptz,
  primary key (file_id, shared_with)
);
create table file_versions (file_id uuid not null references files (id) on delete cascade, version int not null check (version > 0), note text, created_by uuid not null default auth.uid(), created_at timestamptz not null default now(), primary key (file_id, version));
create or replace function owns_file(f uuid) returns boolean language sql stable security definer set search_path = public as $$ select exists (select 1 from files where id = f and owner_id = auth.uid()) $$;
create or replace function can_read_file(f uuid) returns boolean language sql stable security definer set search_path = public as $$
  select exists (select 1 from files where id = f and owner_id = auth.uid())
      or exists (select 1 from file_shares where file_id = f and shared_with = auth.uid() and (expires_at is null or expires_at > now())) $$;
alter table folders enable row level security; alter table files enable row level security; alter table file_shares enable row level security; alter table file_versions enable row level security;
create policy "own folders" on folders using (owner_id = auth.uid());
create policy "read files" on files for select using (can_read_file(id) or owner_id = auth.uid());
create policy "insert files" on files for insert with check (owner_id = auth.uid() and split_part(path, '/', 1) = auth.uid()::text and (folder_id is null or exists (select 1 from folders where folders.id = folder_id)));
create policy "update files" on files for update using (owner_id = auth.uid());
create policy "delete files" on files for delete using (owner_id = auth.uid() and deleted_at is not null);
create policy "read shares" on file_shares for select using (shared_with = auth.uid() or owns_file(file_id));
create policy "write shares" on file_shares for all using (owns_file(file_id)) with check (owns_file(file_id));
create policy "read versions" on file_versions for select using (can_read_file(file_id));
create policy "add versions" on file_versions for insert with check (owns_file(file_id) and created_by = auth.uid());
create policy "avatar read" on storage.objects for select using (bucket_id = 'files' and (storage.foldername(name))[1] = auth.uid()::text);
create policy "avatar write" on storage.objects for insert to authenticated with check (bucket_id = 'files' and (storage.foldername(name))[1] = auth.uid()::text);
create function move_file(p_file_id uuid, p_folder_id uuid default null) returns void language plpgsql security definer set search_path = public as $$
begin
  if not owns_file(p_file_id) then raise exception 'not found' using errcode = 'P0002'; end if;
  if p_folder_id is not null and not exists (select 1 from folders where id = p_folder_id and owner_id = auth.uid()) then raise exception 'not found' using errcode = 'P0002'; end if;
  update files set folder_id = p_folder_id where id = p_file_id;
end $$;
create function storage_used() returns bigint language sql stable as $$ select coalesce(sum(size_bytes), 0)::bigint from files where owner_id = auth.uid() and deleted_at is null $$;
