-- expect: write-foreign-parent:insert:public.room_members
drop policy "creator adds members" on room_members;
create policy "creator adds members" on room_members for insert to authenticated with check (user_id = auth.uid());
