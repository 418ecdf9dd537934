-- expect: session-setting-outlives:call:app.use_tenant(bigint)
set role app_owner;
create function app.use_tenant(p_tenant bigint) returns void language plpgsql as $$
begin
  perform set_config('app.tenant_id', p_tenant::text, false);
end $$;
grant execute on function app.use_tenant(bigint) to app_rw;
reset role;
