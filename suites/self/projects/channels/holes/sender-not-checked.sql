-- expect: write-forged-owner:insert:public.messages
alter policy "write messages" on messages with check (is_channel_member(channel_id));
