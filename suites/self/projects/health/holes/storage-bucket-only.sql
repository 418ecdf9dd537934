-- expect: supabase-storage-private:select:storage.objects
drop policy "medical files: read" on storage.objects;
create policy "medical files: read" on storage.objects for select to authenticated using (bucket_id = 'medical');
