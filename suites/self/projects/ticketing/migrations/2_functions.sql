create function public.reserve_ticket(p_ticket_type uuid) returns uuid
language plpgsql security definer set search_path = public as $$
declare
  v_id uuid;
begin
  if auth.uid() is null then
    raise exception 'sign in first' using errcode = '28000';
  end if;
  update ticket_types t set sold = sold + 1
  from events e
  where t.id = p_ticket_type and e.id = t.event_id and e.status = 'published' and t.sold < t.capacity;
  if not found then
    raise exception 'sold out' using errcode = 'P0001';
  end if;
  insert into tickets (ticket_type_id, user_id) values (p_ticket_type, auth.uid()) returning id into v_id;
  return v_id;
end $$;

create function public.join_waitlist(p_ticket_type uuid) returns bigint
language plpgsql security definer set search_path = public as $$
declare
  v_position bigint;
begin
  if auth.uid() is null then
    raise exception 'sign in first' using errcode = '28000';
  end if;
  if not exists (select 1 from ticket_types t join events e on e.id = t.event_id where t.id = p_ticket_type and e.status = 'published') then
    raise exception 'no such ticket' using errcode = 'P0002';
  end if;
  insert into waitlist_entries (ticket_type_id, user_id) values (p_ticket_type, auth.uid())
  on conflict (ticket_type_id, user_id) do nothing;
  select count(*) into v_position from waitlist_entries w
  where w.ticket_type_id = p_ticket_type and w.id <= (select id from waitlist_entries where ticket_type_id = p_ticket_type and user_id = auth.uid());
  return v_position;
end $$;

create function public.cancel_ticket(p_ticket uuid) returns void
language plpgsql security definer set search_path = public as $$
declare
  v_type uuid;
begin
  update tickets set status = 'cancelled' where id = p_ticket and user_id = auth.uid() and status in ('reserved', 'paid')
  returning ticket_type_id into v_type;
  if v_type is null then
    raise exception 'no such ticket' using errcode = 'P0002';
  end if;
  update ticket_types set sold = greatest(0, sold - 1) where id = v_type;
end $$;

create function public.check_in(p_code uuid) returns table (ticket_id uuid, holder text)
language plpgsql security definer set search_path = public as $$
declare
  v_ticket tickets;
  v_organizer uuid;
begin
  select * into v_ticket from tickets where code = p_code for update;
  select e.organizer_id into v_organizer from ticket_types t join events e on e.id = t.event_id where t.id = v_ticket.ticket_type_id;
  if v_organizer is null or not is_organizer_staff(v_organizer) then
    raise exception 'not found' using errcode = 'P0002';
  end if;
  if v_ticket.status <> 'paid' then
    raise exception 'ticket is %', v_ticket.status using errcode = 'P0001';
  end if;
  update tickets set status = 'checked_in', checked_in_at = now(), checked_in_by = auth.uid() where id = v_ticket.id;
  return query select v_ticket.id, p.full_name from profiles p where p.id = v_ticket.user_id;
end $$;

create function public.event_page(p_slug text)
returns table (id uuid, title text, description text, venue text, starts_at timestamptz, seats_left bigint)
language sql stable security definer set search_path = public as $$
  select e.id, e.title, e.description, e.venue, e.starts_at, coalesce(sum(t.capacity - t.sold), 0)
  from events e left join ticket_types t on t.event_id = e.id
  where e.slug = p_slug and e.status = 'published'
  group by e.id;
$$;
grant execute on function public.event_page(text) to anon, authenticated;

create function public.attendees(p_event uuid)
returns table (ticket_id uuid, full_name text, status ticket_status)
language plpgsql stable security definer set search_path = public as $$
begin
  if not is_organizer_staff(event_organizer(p_event)) then
    raise exception 'not found' using errcode = 'P0002';
  end if;
  return query select k.id, p.full_name, k.status
    from tickets k join ticket_types t on t.id = k.ticket_type_id left join profiles p on p.id = k.user_id
    where t.event_id = p_event;
end $$;

create function public.handle_payment_webhook(p_event_id text, p_payload jsonb) returns void
language plpgsql security definer set search_path = public as $$
begin
  insert into webhook_events (id, kind, payload) values (p_event_id, p_payload ->> 'type', p_payload) on conflict do nothing;
  if not found then
    return;
  end if;
  if p_payload ->> 'type' = 'payment.succeeded' then
    update tickets set status = 'paid', reserved_until = null where id = (p_payload ->> 'ticket_id')::uuid and status = 'reserved';
    insert into payments (ticket_id, provider_ref, amount_cents)
    values ((p_payload ->> 'ticket_id')::uuid, p_payload ->> 'ref', (p_payload ->> 'amount')::int);
  end if;
end $$;
revoke execute on function public.handle_payment_webhook(text, jsonb) from public, anon, authenticated;
grant execute on function public.handle_payment_webhook(text, jsonb) to service_role;

create function public.release_expired_reservations() returns int
language plpgsql security definer set search_path = public as $$
declare
  n int;
begin
  with gone as (
    update tickets set status = 'cancelled' where status = 'reserved' and reserved_until < now() returning ticket_type_id
  ), freed as (
    update ticket_types t set sold = greatest(0, sold - g.n)
    from (select ticket_type_id, count(*)::int as n from gone group by 1) g where t.id = g.ticket_type_id
    returning t.id
  )
  select count(*) into n from gone;
  delete from webhook_events where received_at < now() - interval '90 days';
  return n;
end $$;
revoke execute on function public.release_expired_reservations() from public, anon, authenticated;
select cron.schedule('release-expired', '*/5 * * * *', $$select public.release_expired_reservations()$$);

revoke execute on function public.reserve_ticket(uuid), public.join_waitlist(uuid), public.cancel_ticket(uuid),
  public.check_in(uuid), public.attendees(uuid) from public, anon;
grant execute on function public.reserve_ticket(uuid), public.join_waitlist(uuid), public.cancel_ticket(uuid),
  public.check_in(uuid), public.attendees(uuid) to authenticated;
