create schema reporting authorization app_owner;
grant usage on schema reporting to app_rw, app_ro;
set role app_owner;
create view reporting.revenue with (security_invoker = true) as
  select i.tenant_id, date_trunc('month', o.placed_at) as month, sum(i.amount) as total
  from app.invoices i join app.orders o on o.tenant_id = i.tenant_id and o.id = i.order_id
  group by 1, 2;
create view reporting.customer_orders with (security_invoker = true, security_barrier = true) as
  select c.tenant_id, c.id as customer_id, c.name, c.email, count(o.id) as orders
  from app.customers c left join app.orders o on o.tenant_id = c.tenant_id and o.customer_id = c.id
  group by 1, 2, 3, 4;
grant select on reporting.revenue, reporting.customer_orders to app_rw, app_ro;

create function reporting.best_customers(p_limit integer default 10) returns table (customer_id bigint, name text, orders bigint)
language sql stable set search_path = pg_catalog, pg_temp as $$
  select customer_id, name, orders from reporting.customer_orders order by orders desc limit p_limit
$$;
revoke all on function reporting.best_customers(integer) from public;
grant execute on function reporting.best_customers(integer) to app_rw, app_ro;
reset role;
