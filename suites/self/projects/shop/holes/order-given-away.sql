-- expect: write-give-away:update:public.orders write-forged-owner:insert:public.orders
alter policy ord_own on orders with check (true);
