-- expect: read-foreign-row:select:public.my_orders
alter view my_orders set (security_invoker = off);
