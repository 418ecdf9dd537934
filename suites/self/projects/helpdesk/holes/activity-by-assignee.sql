-- expect: audit-false-performer:insert:public.tickets
create or replace function private.log_ticket() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.activity_log (user_id, action, entity_type, entity_id)
  values (coalesce(new.assignee_id, old.assignee_id), lower(tg_op), 'ticket', coalesce(new.id, old.id));
  return null;
end $$;
