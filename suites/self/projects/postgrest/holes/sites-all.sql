-- expect: read-foreign-row:select:api.sites
create policy oops on api.sites for select to web_user using (plan_id is not null and api.tenant_id() is not null);
