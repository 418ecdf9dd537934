set role app_owner;
do $$
declare t text;
begin
  foreach t in array array['users','customers','products','orders','order_lines','invoices'] loop
    execute format('alter table app.%I enable row level security', t);
    execute format('alter table app.%I force row level security', t);
    execute format('create policy tenant_isolation on app.%I using (tenant_id = app.current_tenant()) with check (tenant_id = app.current_tenant())', t);
  end loop;
end $$;

alter table app.tenants enable row level security;
alter table app.tenants force row level security;
create policy own_tenant on app.tenants for select using (id = app.current_tenant());

alter table app.audit_log enable row level security;
alter table app.audit_log force row level security;
create policy audit_read on app.audit_log for select using (tenant_id = app.current_tenant());
create policy audit_write on app.audit_log for insert to app_owner with check (true);

grant select on app.tenants, app.audit_log to app_rw, app_ro;
grant select, insert, update, delete on app.users, app.customers, app.products, app.orders, app.order_lines, app.invoices to app_rw;
grant select on app.users, app.customers, app.products, app.orders, app.order_lines, app.invoices to app_ro;
revoke all on function app.current_tenant() from public;
grant execute on function app.current_tenant() to app_rw, app_ro;
reset role;
