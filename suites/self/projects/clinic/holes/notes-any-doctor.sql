-- expect: read-foreign-row:select:public.medical_notes
create policy "any doctor" on medical_notes for select to authenticated using (exists (select 1 from doctors where id = auth.uid()));
