alter table customers enable row level security; alter table products enable row level security; alter table orders enable row level security; alter table order_items enable row level security; alter table payments enable row level security;
create policy customers_self on customers for select to authenticated using (id = (select auth.uid()));
create policy customers_insert on customers for insert to authenticated with check (id = (select auth.uid()));
create policy customers_update on customers for update to authenticated using (id = (select auth.uid())) with check (id = (select auth.uid()));
revoke update on customers from authenticated, anon;
grant update (full_name, phone) on customers to authenticated;
create policy products_public on products for select to anon, authenticated using (active);
create policy orders_self on orders for select to authenticated using (customer_id = (select auth.uid()));
create policy items_self on order_items for select to authenticated using (order_id in (select id from orders where customer_id = (select auth.uid())));
create policy payments_self on payments for select to authenticated using (exists (select 1 from orders o where o.id = payments.order_id and o.customer_id = (select auth.uid())));
revoke insert, update, delete on orders, order_items, payments from anon, authenticated;
create or replace function create_order(items jsonb, shipping jsonb default '{}'::jsonb) returns uuid language plpgsql security definer set search_path = public, pg_temp as $$
declare oid uuid; item jsonb; n int := 0; sum int := 0; p products;
begin
  if auth.uid() is null then raise exception 'not signed in' using errcode = '28000'; end if;
  if jsonb_typeof(items) <> 'array' or jsonb_array_length(items) = 0 then raise exception 'empty order' using errcode = '22023'; end if;
  insert into orders (customer_id, shipping) values (auth.uid(), create_order.shipping) returning id into oid;
  for item in select * from jsonb_array_elements(items) loop
    n := n + 1;
    select * into p from products where id = (item ->> 'product_id')::bigint and active;
    if p.id is null then raise exception 'no such product' using errcode = 'P0002'; end if;
    insert into order_items values (oid, n, p.id, (item ->> 'qty')::int, p.price);
    sum := sum + p.price * (item ->> 'qty')::int;
  end loop;
  update orders set total = sum where id = oid;
  return oid;
end $$;
create or replace function cancel_order(order_id uuid) returns boolean language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update orders o set status = 'cancelled' where o.id = cancel_order.order_id and o.customer_id = auth.uid() and o.status = 'pending';
  return found;
end $$;
create view order_summaries with (security_invoker = on) as select o.id, o.status, o.placed_at, count(i.line) as lines, o.total from orders o left join order_items i on i.order_id = o.id group by o.id;
create materialized view product_sales as select product_id, sum(qty) as sold from order_items group by product_id;
