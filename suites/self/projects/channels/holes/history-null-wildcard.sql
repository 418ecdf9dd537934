-- expect: rpc-foreign-row:call:public.message_history(bigint,integer)
create or replace function public.message_history(p_channel_id bigint default null, p_limit integer default 50)
returns setof messages language plpgsql stable security definer set search_path = public as $$
begin
  if p_channel_id is not null and not is_channel_member(p_channel_id) then
    raise exception 'not a member' using errcode = '42501';
  end if;
  return query select * from messages m where p_channel_id is null or m.channel_id = p_channel_id order by m.id desc limit p_limit;
end $$;
revoke execute on function public.message_history(bigint, integer) from public, anon;
grant execute on function public.message_history(bigint, integer) to authenticated;
