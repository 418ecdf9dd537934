-- expect: read-ex-member:select:public.care_relationships
create or replace function private.cares_for(p_patient uuid)
returns boolean language sql stable security definer set search_path = ''
as $$
  select exists (
    select 1
    from public.care_relationships r
    join public.practitioners p on p.id = r.practitioner_id
    where r.patient_id = p_patient and p.user_id = (select auth.uid()) and p.active
  )
$$;
