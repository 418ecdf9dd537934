create table orders (
  id uuid primary key default gen_random_uuid(),
  buyer_id uuid not null references profiles (id),
  shop_id uuid not null references shops (id),
  status order_status not null default 'placed',
  shipping_address_id uuid references addresses (id),
  total_cents integer not null default 0,
  note text,
  placed_at timestamptz not null default now()
);
create table order_items (
  order_id uuid references orders (id) on delete cascade,
  product_id uuid references products (id),
  quantity integer not null default 1 check (quantity > 0),
  unit_cents integer not null,
  primary key (order_id, product_id)
);
create table payments (
  id uuid primary key default gen_random_uuid(),
  order_id uuid not null references orders (id),
  provider_ref text not null,
  amount_cents integer not null,
  captured_at timestamptz
);
create table payouts (
  id uuid primary key default gen_random_uuid(),
  shop_id uuid not null references shops (id),
  amount_cents integer not null,
  iban text,
  status text not null default 'requested' check (status in ('requested', 'approved', 'paid', 'rejected')),
  requested_by uuid not null references profiles (id),
  requested_at timestamptz not null default now()
);

do $$
declare t text;
begin
  foreach t in array array['orders', 'order_items', 'payments', 'payouts'] loop
    execute format('alter table public.%I enable row level security', t);
    execute format('revoke insert, update, delete on public.%I from anon, authenticated', t);
  end loop;
end $$;

create policy orders_buyer on orders for select to authenticated using (buyer_id = (select auth.uid()));
create policy orders_shop on orders for select to authenticated using (works_for_shop(shop_id));
create policy items_read on order_items for select to authenticated
  using (exists (select 1 from orders o where o.id = order_items.order_id));
create policy payments_read on payments for select to authenticated
  using (exists (select 1 from orders o where o.id = payments.order_id and (o.buyer_id = auth.uid() or owns_shop(o.shop_id))));
create policy payouts_read on payouts for select to authenticated using (owns_shop(shop_id) or is_admin());

create function place_order(p_product uuid, p_quantity int, p_address uuid default null) returns uuid
language plpgsql security definer set search_path = public as $$
declare
  p products;
  oid uuid;
begin
  if auth.uid() is null then raise exception 'sign in first' using errcode = '28000'; end if;
  if p_quantity is null or p_quantity < 1 then raise exception 'bad quantity'; end if;
  select * into p from products where id = p_product and is_active and deleted_at is null for update;
  if p.id is null or not exists (select 1 from shops where id = p.shop_id and is_published) then raise exception 'no such product'; end if;
  if p.stock < p_quantity then raise exception 'out of stock'; end if;
  if p_address is not null and not exists (select 1 from addresses where id = p_address and user_id = auth.uid()) then
    raise exception 'no such address';
  end if;
  update products set stock = stock - p_quantity where id = p.id;
  insert into orders (buyer_id, shop_id, shipping_address_id, total_cents)
    values (auth.uid(), p.shop_id, p_address, p.price_cents * p_quantity) returning id into oid;
  insert into order_items values (oid, p.id, p_quantity, p.price_cents);
  return oid;
end $$;

create function cancel_order(p_order uuid) returns void
language plpgsql security definer set search_path = public as $$
begin
  update orders set status = 'cancelled'
   where id = p_order and buyer_id = auth.uid() and status in ('cart', 'placed');
  if not found then raise exception 'order cannot be cancelled'; end if;
end $$;

create function ship_order(p_order uuid) returns void
language plpgsql security definer set search_path = public as $$
declare v_shop uuid;
begin
  select shop_id into v_shop from orders where id = p_order;
  if v_shop is null or not works_for_shop(v_shop) then
    raise exception 'not your order' using errcode = 'insufficient_privilege';
  end if;
  update orders set status = 'shipped' where id = p_order and status in ('placed', 'paid');
end $$;

create function request_payout(p_shop uuid, p_amount int, p_iban text) returns payouts
language plpgsql security definer set search_path = public as $$
declare r payouts;
begin
  if not owns_shop(p_shop) then raise exception 'not your shop' using errcode = '42501'; end if;
  insert into payouts (shop_id, amount_cents, iban, requested_by) values (p_shop, p_amount, p_iban, auth.uid()) returning * into r;
  return r;
end $$;

revoke execute on function place_order(uuid, int, uuid), cancel_order(uuid), ship_order(uuid), request_payout(uuid, int, text) from public, anon;
grant execute on function place_order(uuid, int, uuid), cancel_order(uuid), ship_order(uuid), request_payout(uuid, int, text) to authenticated;
