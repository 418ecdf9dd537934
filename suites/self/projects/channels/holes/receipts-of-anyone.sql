-- expect: write-forged-owner:insert:public.read_receipts
create policy "upsert receipts" on read_receipts for update to authenticated using (is_channel_member(channel_id));
drop policy "my receipts" on read_receipts;
create policy "my receipts" on read_receipts for insert to authenticated with check (is_channel_member(channel_id));
