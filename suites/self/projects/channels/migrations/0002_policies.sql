create or replace function public.my_profile_id() returns bigint
language sql stable security definer set search_path to 'public' as
$$ select id from profiles where user_id = auth.uid()::text $$;

create or replace function public.is_channel_member(cid bigint) returns boolean
language sql stable security definer set search_path to 'public' as
$$ select exists (select 1 from channel_members m where m.channel_id = cid and m.profile_id = my_profile_id() and m.left_at is null) $$;

create or replace function public.is_channel_admin(cid bigint) returns boolean
language sql stable security definer set search_path to 'public' as
$$ select exists (select 1 from channel_members m where m.channel_id = cid and m.profile_id = my_profile_id()
                  and m.left_at is null and m.role in ('owner', 'admin')) $$;

create or replace function public.can_read_channel(cid bigint) returns boolean
language sql stable security definer set search_path to 'public' as
$$ select exists (select 1 from channels c where c.id = cid and (c.kind = 'public' and my_profile_id() is not null or is_channel_member(cid))) $$;

create policy "directory" on profiles for select to authenticated using (true);
create policy "create my profile" on profiles for insert to authenticated with check (user_id = auth.uid()::text);
create policy "edit my profile" on profiles for update to authenticated
  using (user_id = auth.uid()::text) with check (user_id = auth.uid()::text);

create policy "see channels" on channels for select to authenticated
  using (kind = 'public' or is_channel_member(id));
create policy "admins rename" on channels for update to authenticated
  using (is_channel_admin(id)) with check (is_channel_admin(id));
create policy "open a channel" on channels for insert to authenticated
  with check (created_by = my_profile_id() and kind = 'public');
revoke update on channels from anon, authenticated;
grant update (name) on channels to authenticated;

create policy "see members" on channel_members for select to authenticated using (is_channel_member(channel_id));
create policy "join public" on channel_members for insert to authenticated
  with check (profile_id = my_profile_id() and role = 'member' and left_at is null
              and exists (select 1 from channels c where c.id = channel_id and c.kind = 'public'));
create policy "admins invite" on channel_members for insert to authenticated
  with check (is_channel_admin(channel_id) and role = 'member'
              and exists (select 1 from channels c where c.id = channel_id and c.kind = 'private'));
revoke update, delete on channel_members from anon, authenticated;

create policy "read messages" on messages for select to authenticated using (can_read_channel(channel_id));
create policy "write messages" on messages for insert to authenticated
  with check (sender_id = my_profile_id() and is_channel_member(channel_id)
              and (reply_to is null or exists (select 1 from messages r where r.id = messages.reply_to and r.channel_id = messages.channel_id)));
create policy "edit own messages" on messages for update to authenticated
  using (sender_id = my_profile_id() and is_channel_member(channel_id))
  with check (sender_id = my_profile_id() and is_channel_member(channel_id));
create policy "remove messages" on messages for delete to authenticated
  using ((sender_id = my_profile_id() and is_channel_member(channel_id)) or is_channel_admin(channel_id));
revoke update on messages from anon, authenticated;
grant update (content, edited_at) on messages to authenticated;

create policy "see reactions" on reactions for select to authenticated
  using (exists (select 1 from messages m where m.id = message_id));
create policy "react" on reactions for insert to authenticated
  with check (profile_id = my_profile_id() and exists (select 1 from messages m where m.id = message_id and is_channel_member(m.channel_id)));
create policy "unreact" on reactions for delete to authenticated using (profile_id = my_profile_id());

create policy "see attachments" on attachments for select to authenticated
  using (exists (select 1 from messages m where m.id = message_id));
create policy "attach" on attachments for insert to authenticated
  with check (exists (select 1 from messages m where m.id = message_id and m.sender_id = my_profile_id() and is_channel_member(m.channel_id)));

create policy "see receipts" on read_receipts for select to authenticated using (is_channel_member(channel_id));
create policy "my receipts" on read_receipts for insert to authenticated
  with check (profile_id = my_profile_id() and is_channel_member(channel_id)
              and (last_message_id is null or exists (select 1 from messages m where m.id = last_message_id and m.channel_id = read_receipts.channel_id)));

create policy "my tokens" on push_tokens for all to authenticated
  using (user_id = auth.uid()::text) with check (user_id = auth.uid()::text);
