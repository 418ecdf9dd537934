-- expect: audit-forgeable:insert:drive.changes
alter function drive.log_change() security invoker;
alter table drive.changes disable row level security;
grant insert on drive.changes to drive_app;
