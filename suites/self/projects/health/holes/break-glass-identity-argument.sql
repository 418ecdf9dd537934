-- expect: rpc-foreign-row:call:public.break_glass(uuid,uuid,text)
drop function public.break_glass(uuid, text);
create function public.break_glass(p_patient_id uuid, p_practitioner_id uuid, p_reason text)
returns uuid language plpgsql security definer set search_path = ''
as $$
declare v_event uuid;
begin
  if not exists (select 1 from public.practitioners p join public.patients t on t.clinic_id = p.clinic_id
                 where p.id = p_practitioner_id and p.active and t.id = p_patient_id) then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  insert into public.break_glass_events (patient_id, practitioner_id, reason)
  values (p_patient_id, p_practitioner_id, p_reason) returning id into v_event;
  return v_event;
end $$;
revoke all on function public.break_glass(uuid, uuid, text) from public, anon;
grant execute on function public.break_glass(uuid, uuid, text) to authenticated;
