-- expect: rpc-foreign-row:call:public.break_glass(uuid,text)
create or replace function public.break_glass(p_patient_id uuid, p_reason text)
returns uuid language plpgsql security definer set search_path = ''
as $$
declare v_practitioner uuid; v_event uuid;
begin
  select p.id into v_practitioner from public.practitioners p where p.user_id = auth.uid() and p.active;
  if v_practitioner is null then raise exception 'not allowed' using errcode = '42501'; end if;
  insert into public.break_glass_events (patient_id, practitioner_id, reason) values (p_patient_id, v_practitioner, p_reason) returning id into v_event;
  insert into public.access_log (patient_id, actor_id, action) values (p_patient_id, auth.uid(), 'break_glass');
  return v_event;
end $$;
