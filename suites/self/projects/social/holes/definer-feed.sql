-- expect: rpc-identity-argument:call:public.posts_of(uuid) rpc-null-uid-guard:call:public.posts_of(uuid)
create function posts_of(p_user_id uuid) returns setof posts language sql stable security definer set search_path = public as $$ select * from posts where author_id = p_user_id $$;
