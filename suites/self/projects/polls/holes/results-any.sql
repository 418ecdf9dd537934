-- expect: rpc-foreign-row:call:public.results(uuid)
create or replace function results(p_poll uuid) returns table (label text, votes bigint) language sql stable security definer set search_path = public, pg_temp as $$
  select o.label, count(v.voter_id) from options o left join votes v on v.option_id = o.id where o.poll_id = p_poll group by o.id, o.label $$;
