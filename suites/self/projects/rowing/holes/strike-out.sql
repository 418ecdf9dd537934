-- expect: rpc-foreign-row:call:public.strike_out(text,uuid) rpc-relation-argument:call:public.strike_out(text,uuid)
alter table crew_notes add column struck_at timestamptz;
create function strike_out(table_name text, record_id uuid) returns void security definer set search_path = public language plpgsql
  as $$ begin execute format('update %I set struck_at = now() where id = $1', table_name) using record_id; end $$;
