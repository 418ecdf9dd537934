-- expect: write-foreign-row:delete:public.appointments read-foreign-row:select:public.appointments
alter policy "cancel" on appointments using (true);
create policy "see for cancel" on appointments for select to authenticated using (exists (select 1 from doctors where id = auth.uid()));
