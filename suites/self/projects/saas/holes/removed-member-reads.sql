-- expect: read-ex-member:select:public.memberships
create or replace function public.is_member_of(_org uuid)
returns boolean
language sql stable security definer set search_path = ''
as $$
  select exists (select 1 from public.memberships m where m.organization_id = _org and m.user_id = (select auth.uid()));
$$;
