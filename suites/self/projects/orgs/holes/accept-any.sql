-- expect: rpc-foreign-row:call:public.join_organization(uuid)
create function public.join_organization(p_organization_id uuid) returns void language sql security definer set search_path = '' as $$
  insert into public.organization_members (organization_id, user_id) values (p_organization_id, auth.uid()) on conflict do nothing $$;
