-- expect: read-foreign-row:select:app.customers tenant-empty:select:app.customers write-foreign-row:delete:app.customers
set role app_owner;
alter policy tenant_isolation on app.customers
  using (tenant_id = coalesce(app.current_tenant(), tenant_id)) with check (tenant_id = app.current_tenant());
reset role;
