-- expect: rpc-foreign-row:call:public.get_account_members(text)
create or replace function public.get_account_members(account_slug text)
returns table (id uuid, user_id uuid, account_id uuid, role varchar(50), name varchar, email varchar, picture_url varchar)
language plpgsql security definer set search_path = '' as $$
begin
  return query
  select acc.id, am.user_id, am.account_id, am.account_role, acc.name, acc.email, acc.picture_url
  from public.accounts_memberships am
  join public.accounts a on a.id = am.account_id
  join public.accounts acc on acc.id = am.user_id
  where a.slug = account_slug;
end;
$$;
