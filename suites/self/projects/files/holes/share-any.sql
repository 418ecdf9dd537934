-- expect: write-foreign-parent:insert:public.file_shares
create policy "share" on file_shares for insert to authenticated with check (auth.uid() = shared_with);
