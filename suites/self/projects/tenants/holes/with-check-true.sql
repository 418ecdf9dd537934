-- expect: write-forged-owner:insert:app.customers
set role app_owner;
alter policy tenant_isolation on app.customers with check (true);
reset role;
