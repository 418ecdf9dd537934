-- expect: write-forged-owner:insert:public.items
alter policy i_insert on public.items with check (private.is_member(list_id));
