-- expect: write-forged-owner:insert:public.messages
alter policy "send messages" on messages with check (is_room_member(room_id));
