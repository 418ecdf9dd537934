-- expect: write-forged-owner:insert:public.prescriptions
drop policy prescriptions_insert on public.prescriptions;
create policy prescriptions_insert on public.prescriptions for insert to authenticated
  with check (private.cares_for(patient_id));
