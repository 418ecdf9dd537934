-- expect: supabase-storage-folder:insert:storage.objects
drop policy "add evidence" on storage.objects;
create policy "add evidence" on storage.objects for insert to authenticated with check (bucket_id = 'dispute-evidence');
