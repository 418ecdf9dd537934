-- expect: rpc-foreign-row:call:public.place_order(uuid)
create or replace function place_order(p_order_id uuid) returns orders language plpgsql security definer set search_path = public as $$ declare r orders; begin update orders set status = 'paid' where id = p_order_id and status = 'cart' returning * into r; if r.id is null then raise exception 'no such order'; end if; return r; end $$;
