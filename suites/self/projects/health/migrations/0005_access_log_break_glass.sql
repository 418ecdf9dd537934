create table public.access_log (
  id bigint generated always as identity primary key,
  patient_id uuid not null references public.patients(id) on delete cascade,
  actor_id uuid not null references auth.users(id),
  action text not null,
  at timestamptz not null default now()
);
create table public.break_glass_events (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references public.patients(id) on delete cascade,
  practitioner_id uuid not null references public.practitioners(id),
  reason text not null check (length(reason) >= 10),
  expires_at timestamptz not null default now() + interval '1 hour',
  created_at timestamptz not null default now()
);
alter table public.access_log enable row level security;
alter table public.break_glass_events enable row level security;
create policy "patients see who looked" on public.access_log for select to authenticated using (private.is_me(patient_id));
create policy "own emergencies" on public.break_glass_events for select to authenticated
  using (practitioner_id = private.my_practitioner_id() or private.is_me(patient_id));
revoke insert, update, delete, truncate on public.access_log, public.break_glass_events from anon, authenticated;

-- An emergency: a practitioner of the patient's own clinic gets an hour, and it is written down.
create or replace function public.break_glass(p_patient_id uuid, p_reason text)
returns uuid language plpgsql security definer set search_path = ''
as $$
declare
  v_practitioner uuid;
  v_event uuid;
begin
  select p.id into v_practitioner
  from public.practitioners p
  join public.patients t on t.clinic_id = p.clinic_id
  where p.user_id = auth.uid() and p.active and t.id = p_patient_id;
  if v_practitioner is null then
    raise exception 'not allowed' using errcode = '42501';
  end if;
  insert into public.break_glass_events (patient_id, practitioner_id, reason)
  values (p_patient_id, v_practitioner, p_reason) returning id into v_event;
  insert into public.access_log (patient_id, actor_id, action) values (p_patient_id, auth.uid(), 'break_glass');
  return v_event;
end $$;
revoke all on function public.break_glass(uuid, text) from public, anon;
grant execute on function public.break_glass(uuid, text) to authenticated;

create or replace function public.sign_encounter(p_encounter_id uuid)
returns void language plpgsql security definer set search_path = ''
as $$
begin
  update public.encounters e set signed_at = now()
  where e.id = p_encounter_id and e.signed_at is null and e.practitioner_id = private.my_practitioner_id();
  if not found then
    raise exception 'encounter not found' using errcode = 'P0002';
  end if;
end $$;
revoke all on function public.sign_encounter(uuid) from public, anon;
grant execute on function public.sign_encounter(uuid) to authenticated;

create or replace view public.patient_summaries with (security_invoker = true) as
  select p.id as patient_id, p.full_name, p.date_of_birth,
         (select count(*) from public.encounters e where e.patient_id = p.id) as encounters,
         (select max(e.happened_at) from public.encounters e where e.patient_id = p.id) as last_seen
  from public.patients p;
grant select on public.patient_summaries to authenticated;
revoke all on public.patient_summaries from anon;

create or replace function public.log_prescription() returns trigger language plpgsql security definer set search_path = ''
as $$
begin
  insert into public.access_log (patient_id, actor_id, action) values (new.patient_id, coalesce(auth.uid(), (select user_id from public.practitioners where id = new.prescribed_by)), 'prescribed');
  return new;
end $$;
create trigger prescriptions_log after insert on public.prescriptions for each row execute function public.log_prescription();
