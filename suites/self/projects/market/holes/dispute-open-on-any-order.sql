-- expect: write-foreign-parent:insert:public.disputes
drop policy "buyers open disputes" on disputes;
create policy "buyers open disputes" on disputes for insert to authenticated with check (opened_by = auth.uid());
