-- expect: rpc-identity-argument:call:public.files_of(uuid) rpc-null-uid-guard:call:public.files_of(uuid)
create function files_of(p_owner uuid) returns table (path text, size_bytes bigint) language sql stable security definer set search_path = public as $$ select path, size_bytes from files where owner_id = p_owner $$;
