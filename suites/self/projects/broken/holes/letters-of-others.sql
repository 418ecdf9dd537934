-- expect: read-foreign-row:select:public.letters
create policy "postmasters" on public.letters for select to authenticated
  using (exists (select 1 from public.people as p where p.id = auth.uid()));
