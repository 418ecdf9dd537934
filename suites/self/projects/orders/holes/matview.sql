-- expect: read-foreign-row:select:public.customer_totals
create materialized view customer_totals as select c.id, c.full_name, c.email, sum(o.total) from customers c left join orders o on o.customer_id = c.id group by c.id;
