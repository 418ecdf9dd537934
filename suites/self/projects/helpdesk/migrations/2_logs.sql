-- Four things that happen after a change: who did it, what stood there before, who is told, and who gets the points.
create table public.activity_log (
  id bigint generated always as identity primary key,
  user_id uuid references auth.users (id) on delete set null,
  action text not null,
  entity_type text not null,
  entity_id uuid not null,
  at timestamptz not null default now()
);
create table public.tickets_history (
  version bigint generated always as identity primary key,
  id uuid not null,
  desk_id uuid not null,
  opened_by uuid,
  assignee_id uuid,
  subject text not null,
  state text not null,
  kept_at timestamptz not null default now()
);
create table public.notices (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  actor_id uuid,
  action text not null,
  entity_id uuid,
  is_read boolean not null default false
);
create table public.points_log (
  id bigint generated always as identity primary key,
  user_id uuid not null references auth.users (id) on delete cascade,
  delta int not null
);
create table public.assignment_log (
  id bigint generated always as identity primary key,
  ticket_id uuid not null,
  target_user uuid,
  old_assignee uuid,
  action text not null,
  performed_by uuid not null
);
alter table public.activity_log enable row level security;
alter table public.tickets_history enable row level security;
alter table public.notices enable row level security;
alter table public.points_log enable row level security;
alter table public.assignment_log enable row level security;
create policy "what I did" on public.activity_log for select to authenticated using (user_id = auth.uid());
create policy "of my desks" on public.tickets_history for select to authenticated using (desk_id in (select private.my_desks()));
create policy mine on public.notices for select to authenticated using (user_id = auth.uid());
create policy mine on public.points_log for select to authenticated using (user_id = auth.uid());
revoke insert, update, delete, truncate
  on public.activity_log, public.tickets_history, public.notices, public.points_log, public.assignment_log from anon, authenticated;

create function private.log_ticket() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.activity_log (user_id, action, entity_type, entity_id)
  values (auth.uid(), lower(tg_op), 'ticket', coalesce(new.id, old.id));
  return null;
end $$;
create trigger log after insert or update or delete on public.tickets for each row execute function private.log_ticket();

create function private.keep_ticket() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.tickets_history (id, desk_id, opened_by, assignee_id, subject, state)
  values (old.id, old.desk_id, old.opened_by, old.assignee_id, old.subject, old.state);
  return null;
end $$;
create trigger keep after update or delete on public.tickets for each row execute function private.keep_ticket();

-- The one who opened it learns of it, as if from the one who handles it.
create function private.tell() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.notices (user_id, actor_id, action, entity_id) values (new.opened_by, new.assignee_id, new.state, new.id);
  if new.assignee_id is distinct from old.assignee_id then
    insert into public.assignment_log (ticket_id, target_user, old_assignee, action, performed_by)
    values (new.id, new.assignee_id, old.assignee_id, 'assigned', coalesce(auth.uid(), new.opened_by));
  end if;
  return null;
end $$;
create trigger tell after update on public.tickets for each row execute function private.tell();

create function private.count_points() returns trigger language plpgsql security definer set search_path = '' as $$
begin
  insert into public.points_log (user_id, delta) values (new.worker_id, new.points - old.points);
  return null;
end $$;
create trigger points after update on public.shifts for each row execute function private.count_points();
revoke all on function private.log_ticket(), private.keep_ticket(), private.tell(), private.count_points() from public;

create table public.ticket_state_changes (
  id bigint generated always as identity primary key,
  ticket_id uuid not null references public.tickets (id) on delete cascade,
  old_state text not null,
  new_state text not null,
  changed_by uuid not null references auth.users (id)
);
alter table public.ticket_state_changes enable row level security;
revoke insert, update, delete, truncate on public.ticket_state_changes from anon, authenticated;
create function public.set_state(p_ticket uuid, p_state text) returns void language plpgsql security definer set search_path = '' as $$
declare
  v_ticket public.tickets;
begin
  select * into v_ticket from public.tickets where id = p_ticket and desk_id in (select private.my_desks()) for update;
  if not found then
    raise insufficient_privilege;
  end if;
  update public.tickets set state = p_state where id = p_ticket;
  insert into public.ticket_state_changes (ticket_id, old_state, new_state, changed_by)
  values (p_ticket, v_ticket.state, p_state, auth.uid());
end $$;
revoke all on function public.set_state(uuid, text) from public, anon;
grant execute on function public.set_state(uuid, text) to authenticated;
