-- expect: read-ex-member:select:public.channel_members
create or replace function public.is_channel_member(cid bigint) returns boolean
language sql stable security definer set search_path to 'public' as
$$ select exists (select 1 from channel_members m where m.channel_id = cid and m.profile_id = my_profile_id()) $$;
