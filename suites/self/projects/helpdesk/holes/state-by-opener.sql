-- expect: audit-false-performer:call:public.set_state(uuid,text)
create or replace function public.set_state(p_ticket uuid, p_state text) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ticket public.tickets;
begin
  select * into v_ticket from public.tickets where id = p_ticket and desk_id in (select private.my_desks()) for update;
  if not found then
    raise insufficient_privilege;
  end if;
  update public.tickets set state = p_state where id = p_ticket;
  insert into public.ticket_state_changes (ticket_id, old_state, new_state, changed_by)
  values (p_ticket, v_ticket.state, p_state, v_ticket.opened_by);
end $$;
