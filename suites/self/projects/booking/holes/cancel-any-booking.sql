-- expect: rpc-foreign-row:call:public.cancel_booking(uuid)
create or replace function cancel_booking(p_booking uuid) returns void language plpgsql security definer set search_path = public, pg_temp as $$ begin update bookings set status = 'cancelled' where id = p_booking; end $$;
