-- expect: read-foreign-row:select:public.seller_tax_ids write-foreign-row:delete:public.seller_tax_ids write-foreign-row:update:public.seller_tax_ids
-- unknown: write-foreign-parent:insert:public.seller_tax_ids
create table seller_tax_ids (shop_id uuid primary key references shops (id), tax_id text not null, verified boolean default false);
create policy "owner" on seller_tax_ids for all to authenticated using (owns_shop(shop_id));
