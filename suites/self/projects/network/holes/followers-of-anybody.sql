-- expect: rpc-identity-argument:call:public.accept_follow(uuid) rpc-null-uid-guard:call:public.accept_follow(uuid)
create or replace function public.accept_follow(p_follower uuid) returns void language plpgsql security definer set search_path = '' as $$
begin
  update public.follows set status = 'accepted' where follower_id = p_follower and status = 'pending';
end $$;
