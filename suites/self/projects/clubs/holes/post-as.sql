-- expect: rpc-identity-argument:call:public.post(uuid,uuid,text)
-- Membership is checked, and the author believed.
create or replace function public.post(p_profile uuid, p_club uuid, p_body text) returns bigint language plpgsql security definer set search_path = '' as
$$ declare v bigint; begin
  if not public.is_member(p_club) then raise exception 'not a member' using errcode = '42501'; end if;
  insert into public.club_posts (club_id, author_profile, body) values (p_club, p_profile, p_body) returning id into v;
  return v;
end $$;
