create schema if not exists private;
grant usage on schema private to authenticated;

create or replace function private.my_practitioner_id()
returns uuid language sql stable security definer set search_path = ''
as $$ select id from public.practitioners where user_id = (select auth.uid()) and active $$;

create or replace function private.is_clinic_admin(p_clinic uuid)
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1 from public.clinic_staff s
    where s.clinic_id = p_clinic and s.user_id = (select auth.uid()) and s.role = 'admin'
  )
$$;

create or replace function private.is_clinic_staff(p_clinic uuid)
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1 from public.clinic_staff s where s.clinic_id = p_clinic and s.user_id = (select auth.uid())
  )
$$;

create or replace function private.cares_for(p_patient uuid)
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1
    from public.care_relationships r
    join public.practitioners p on p.id = r.practitioner_id
    where r.patient_id = p_patient
      and p.user_id = (select auth.uid())
      and p.active
      and (r.ended_at is null or r.ended_at > now())
  )
$$;

create or replace function private.is_me(p_patient uuid)
returns boolean language sql stable security definer set search_path = ''
as $$ select exists (select 1 from public.patients where id = p_patient and user_id = (select auth.uid())) $$;

revoke all on all functions in schema private from public, anon;
grant execute on all functions in schema private to authenticated;

create policy "Clinics are listed for everybody" on public.clinics for select using (true);
create policy "Clinic admins edit their clinic" on public.clinics for update to authenticated
  using (private.is_clinic_admin(id)) with check (private.is_clinic_admin(id));

create policy "Own profile" on public.profiles for select to authenticated using (id = (select auth.uid()));
create policy "Own profile update" on public.profiles for update to authenticated
  using (id = (select auth.uid())) with check (id = (select auth.uid()));

create policy "Staff see colleagues" on public.clinic_staff for select to authenticated
  using (private.is_clinic_staff(clinic_id));
create policy "Admins manage staff" on public.clinic_staff for all to authenticated
  using (private.is_clinic_admin(clinic_id)) with check (private.is_clinic_admin(clinic_id));

create policy "Practitioners see themselves" on public.practitioners for select to authenticated
  using (user_id = (select auth.uid()) or private.is_clinic_staff(clinic_id));

create policy "Patients see themselves" on public.patients for select to authenticated
  using (user_id = (select auth.uid()));
create policy "Carers see their patients" on public.patients for select to authenticated
  using (private.cares_for(id));
create policy "Carers update their patients" on public.patients for update to authenticated
  using (private.cares_for(id)) with check (private.cares_for(id));
-- what identifies a patient is kept by the clinic's own system
revoke insert, update, delete, truncate on public.patients from anon, authenticated;
grant update (full_name, insurance_no) on public.patients to authenticated;

create policy "Both sides see the relationship" on public.care_relationships for select to authenticated
  using (private.is_me(patient_id) or practitioner_id = private.my_practitioner_id());
revoke insert, update, delete, truncate on public.care_relationships from anon, authenticated;
