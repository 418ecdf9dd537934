-- fails: the table was made in a dashboard and never written down
alter table public.settings add column theme text;
create policy "own settings" on public.settings using (user_id = auth.uid());
