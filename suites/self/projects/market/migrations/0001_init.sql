-- Marketplace: profiles, shops, products
create type user_role as enum ('buyer', 'seller', 'moderator', 'admin');
create type order_status as enum ('cart', 'placed', 'paid', 'shipped', 'delivered', 'cancelled', 'refunded');

create table profiles (
  id uuid primary key references auth.users on delete cascade,
  username text unique,
  display_name text,
  phone text,
  role user_role not null default 'buyer',
  banned boolean not null default false,
  created_at timestamptz default now()
);

create table addresses (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references profiles (id) on delete cascade,
  line1 text not null,
  city text not null,
  postal_code text,
  country char(2) not null default 'DE',
  is_default boolean not null default false
);

create table shops (
  id uuid primary key default gen_random_uuid(),
  owner_id uuid not null default auth.uid() references profiles (id),
  name text not null,
  slug text not null unique,
  about text,
  is_published boolean not null default false,
  commission_bps integer not null default 500,
  created_at timestamptz not null default now()
);

create table shop_staff (
  shop_id uuid not null references shops (id) on delete cascade,
  user_id uuid not null references profiles (id) on delete cascade,
  can_fulfil boolean not null default true,
  primary key (shop_id, user_id)
);

create table categories (
  id serial primary key,
  parent_id integer references categories (id),
  name text not null
);

create table products (
  id uuid primary key default gen_random_uuid(),
  shop_id uuid not null references shops (id) on delete cascade,
  category_id integer references categories (id),
  title text not null,
  description text,
  price_cents integer not null check (price_cents >= 0),
  stock integer not null default 0 check (stock >= 0),
  is_active boolean not null default false,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);

create or replace function is_admin() returns boolean as $$
  select exists (select 1 from public.profiles where id = auth.uid() and role = 'admin' and not banned)
$$ language sql stable security definer set search_path = public;

create or replace function is_moderator() returns boolean as $$
  select exists (select 1 from public.profiles where id = auth.uid() and role in ('admin', 'moderator') and not banned)
$$ language sql stable security definer set search_path = public;

create or replace function owns_shop(sid uuid) returns boolean as $$
  select exists (select 1 from public.shops where id = sid and owner_id = auth.uid())
$$ language sql stable security definer set search_path = public;

create or replace function works_for_shop(sid uuid) returns boolean as $$
  select owns_shop(sid) or exists (select 1 from public.shop_staff where shop_id = sid and user_id = auth.uid())
$$ language sql stable security definer set search_path = public;

alter table profiles enable row level security;
alter table addresses enable row level security;
alter table shops enable row level security;
alter table shop_staff enable row level security;
alter table categories enable row level security;
alter table products enable row level security;

create policy "own profile" on profiles for select using (auth.uid() = id);
create policy "moderators read profiles" on profiles for select using (is_moderator());
create policy "update own profile" on profiles for update using (auth.uid() = id) with check (auth.uid() = id);
revoke insert, update on profiles from anon, authenticated;
grant update (username, display_name, phone) on profiles to authenticated;

-- what everybody may know about people
create view public_profiles as
  select id, username, display_name from profiles where not banned;
comment on view public_profiles is 'Names for reviews and shop pages; deliberately not security_invoker';
revoke insert, update, delete on public_profiles from anon, authenticated;

create policy "addresses are private" on addresses for all to authenticated
  using (auth.uid() = user_id) with check (auth.uid() = user_id);

create policy "published shops are public" on shops for select using (is_published);
create policy "people see the shops they work for" on shops for select to authenticated using (works_for_shop(id));
create policy "sellers open shops" on shops for insert to authenticated
  with check (owner_id = auth.uid() and exists (select 1 from profiles where id = auth.uid() and role = 'seller'));
create policy "owners edit shops" on shops for update to authenticated using (owner_id = auth.uid()) with check (owner_id = auth.uid());
revoke insert, update on shops from anon, authenticated;
grant insert (owner_id, name, slug, about, is_published), update (name, about, is_published) on shops to authenticated;

create policy "owners manage staff" on shop_staff for all to authenticated using (owns_shop(shop_id)) with check (owns_shop(shop_id));
create policy "staff see themselves" on shop_staff for select to authenticated using (user_id = auth.uid());

create policy "categories are public" on categories for select using (true);
create policy "admins manage categories" on categories for all to authenticated using (is_admin()) with check (is_admin());

create policy "active products of published shops are public" on products for select
  using (is_active and deleted_at is null and exists (select 1 from shops s where s.id = products.shop_id and s.is_published));
create policy "staff see all products of the shop" on products for select to authenticated using (works_for_shop(shop_id));
create policy "owners add products" on products for insert to authenticated with check (owns_shop(shop_id));
create policy "owners edit products" on products for update to authenticated using (owns_shop(shop_id)) with check (owns_shop(shop_id));
create policy "owners delete products" on products for delete to authenticated using (owns_shop(shop_id));

create or replace function handle_new_user() returns trigger as $$
begin
  insert into public.profiles (id, display_name) values (new.id, coalesce(new.raw_user_meta_data->>'name', 'New user'));
  return new;
end;
$$ language plpgsql security definer set search_path = public;

create trigger on_auth_user_created after insert on auth.users for each row execute procedure handle_new_user();
