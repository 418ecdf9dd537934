-- expect: audit-false-performer:update:public.tickets
create or replace function private.tell() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  if new.assignee_id is distinct from old.assignee_id then
    insert into public.assignment_log (ticket_id, target_user, old_assignee, action, performed_by)
    values (new.id, new.assignee_id, old.assignee_id, 'assigned', coalesce(new.opened_by, auth.uid()));
  end if;
  return null;
end $$;
