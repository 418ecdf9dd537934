-- expect: rpc-any-vs-all:call:public.get_messages(bigint[])
create or replace function public.get_messages(p_channel_ids bigint[])
returns setof messages language plpgsql stable security definer set search_path = public as $$
begin
  if not is_channel_member(p_channel_ids[1]) then
    raise exception 'not a member' using errcode = '42501';
  end if;
  return query select * from messages m where m.channel_id = any (p_channel_ids);
end $$;
revoke execute on function public.get_messages(bigint[]) from public, anon;
grant execute on function public.get_messages(bigint[]) to authenticated;
