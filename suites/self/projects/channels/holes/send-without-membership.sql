-- expect: rpc-foreign-row:call:public.send_message(bigint,text)
create or replace function public.send_message(p_channel_id bigint, p_content text)
returns bigint language plpgsql security definer set search_path = public as $$
declare mid bigint;
begin
  if my_profile_id() is null then raise exception 'no profile' using errcode = '42501'; end if;
  insert into messages (channel_id, sender_id, content) values (p_channel_id, my_profile_id(), p_content) returning id into mid;
  return mid;
end $$;
