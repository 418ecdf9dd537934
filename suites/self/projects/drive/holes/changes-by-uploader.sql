-- expect: audit-false-performer:delete:drive.files
create or replace function drive.log_change() returns trigger language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  changed jsonb := coalesce(to_jsonb(new), to_jsonb(old));
begin
  insert into drive.changes (tbl, row_id, op, changed_by)
  values (tg_table_name, (changed ->> 'id')::bigint, tg_op, coalesce(changed ->> 'uploaded_by', changed ->> 'owner_id')::bigint);
  return null;
end $$;
