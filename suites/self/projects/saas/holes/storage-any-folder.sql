-- expect: supabase-storage-private:select:storage.objects
drop policy "org members read attachments" on storage.objects;
create policy "signed-in users read attachments" on storage.objects for select to authenticated
  using (bucket_id = 'attachments' and auth.role() = 'authenticated');
