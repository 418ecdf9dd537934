-- expect: write-forged-owner:insert:public.orders write-forged-provenance:insert:public.orders.status
grant insert on orders to authenticated;
create policy orders_insert on orders for insert to authenticated with check (true);
