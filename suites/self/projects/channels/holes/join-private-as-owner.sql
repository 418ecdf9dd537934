-- expect: write-foreign-parent:insert:public.channel_members
drop policy "join public" on channel_members;
create policy "join public" on channel_members for insert to authenticated with check (profile_id = my_profile_id());
