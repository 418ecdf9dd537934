-- expect: write-forged-owner:insert:public.orders
grant insert on orders to authenticated;
create policy orders_insert on orders for insert to authenticated with check (true);
