-- expect: read-foreign-row:select:public.order_summaries
create or replace view order_summaries as select o.id, o.status, o.placed_at, count(i.line) as lines, o.total from orders o left join order_items i on i.order_id = o.id group by o.id;
alter view order_summaries reset (security_invoker);
