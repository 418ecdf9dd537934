-- expect: read-foreign-row:select:reporting.customer_stats
create materialized view reporting.customer_stats as
  select c.tenant_id, c.id as customer_id, c.name, c.email, (select count(*) from app.orders o where o.tenant_id = c.tenant_id and o.customer_id = c.id) as orders from app.customers c;
grant select on reporting.customer_stats to app_ro, app_rw;
