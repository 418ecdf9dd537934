create or replace function resolve_report(report_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  update public.reports r set resolved_by = auth.uid()
  from public.posts p
  where r.id = report_id and p.id = r.post_id and public.is_moderator(p.category_id);
  if not found then raise exception 'no such report' using errcode = '42501'; end if;
end $$;
revoke execute on function resolve_report(uuid) from public, anon;
grant execute on function resolve_report(uuid) to authenticated;

create or replace function publish_draft(draft_id uuid, into_category integer) returns uuid
language plpgsql set search_path = public as $$
declare new_id uuid := gen_random_uuid();
begin
  insert into posts (id, category_id, author_id, title, body, published_at)
  select new_id, into_category, auth.uid(), d.title, d.body, now() from drafts d where d.id = draft_id and d.title is not null and d.body is not null;
  if not found then raise exception 'no such draft'; end if;
  delete from drafts where id = draft_id;
  return new_id;
end $$;
revoke execute on function publish_draft(uuid, integer) from public, anon;
grant execute on function publish_draft(uuid, integer) to authenticated;

create view top_posts with (security_invoker = on) as
  select p.id, p.title, p.score, p.comment_count, a.username
  from posts p join profiles a on a.id = p.author_id
  order by p.score desc;

create or replace function search_posts(term text) returns setof posts
language sql stable security invoker set search_path = public as $$
  select * from posts where title ilike '%' || term || '%' limit 50
$$;
