-- expect: grant-revoke-noop:call:public.cancel_order(uuid,uuid) rpc-identity-argument:call:public.cancel_order(uuid,uuid) rpc-null-uid-guard:call:public.cancel_order(uuid,uuid)
drop function cancel_order(uuid);
create function cancel_order(p_order uuid, p_buyer uuid) returns void
language plpgsql security definer set search_path = public as $$
begin
  update orders set status = 'cancelled'
   where id = p_order and buyer_id = p_buyer and status in ('cart', 'placed');
  if not found then raise exception 'order cannot be cancelled'; end if;
end $$;
