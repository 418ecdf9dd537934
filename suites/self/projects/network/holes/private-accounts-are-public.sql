-- expect: read-foreign-row:select:public.comments read-foreign-row:select:public.follows read-foreign-row:select:public.likes read-foreign-row:select:public.posts
create or replace function private.can_view_author(author uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select (select auth.uid()) is not null and (author = (select auth.uid()) or not private.is_blocked(author));
$$;
