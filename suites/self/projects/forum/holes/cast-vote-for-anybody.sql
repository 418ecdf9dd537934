-- expect: rpc-foreign-row:call:public.cast_vote(uuid,uuid,smallint) rpc-identity-argument:call:public.cast_vote(uuid,uuid,smallint) rpc-null-uid-guard:call:public.cast_vote(uuid,uuid,smallint)
create or replace function cast_vote(p_post_id uuid, p_user_id uuid, p_value smallint) returns void
language plpgsql security definer set search_path = public as $$
begin
  insert into votes (post_id, user_id, value) values (p_post_id, p_user_id, p_value)
  on conflict (post_id, user_id) do update set value = excluded.value;
end $$;
