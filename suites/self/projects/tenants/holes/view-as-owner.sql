-- expect: read-foreign-row:select:reporting.open_invoices
create view reporting.open_invoices as
  select i.tenant_id, i.id, i.amount, i.memo, c.name as customer
  from app.invoices i
  join app.orders o on o.tenant_id = i.tenant_id and o.id = i.order_id
  join app.customers c on c.tenant_id = o.tenant_id and c.id = o.customer_id
  where i.status = 'open';
grant select on reporting.open_invoices to app_ro;
