-- expect: grant-revoke-noop:call:public.handle_payment_webhook(text,jsonb) rpc-foreign-row:call:public.handle_payment_webhook(text,jsonb)
drop function public.handle_payment_webhook(text, jsonb);
create function public.handle_payment_webhook(p_event_id text, p_payload jsonb) returns void
language plpgsql security definer set search_path = public as $$
begin
  insert into webhook_events (id, kind, payload) values (p_event_id, p_payload ->> 'type', p_payload) on conflict do nothing;
  update tickets set status = 'paid', reserved_until = null where id = (p_payload ->> 'ticket_id')::uuid and status = 'reserved';
end $$;
