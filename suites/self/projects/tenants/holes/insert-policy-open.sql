-- expect: write-forged-owner:insert:app.audit_log
set role app_owner;
drop policy audit_write on app.audit_log;
create policy audit_write on app.audit_log for insert with check (true);
grant insert on app.audit_log to public;
reset role;
