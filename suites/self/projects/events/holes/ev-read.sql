-- expect: read-foreign-row:select:public.events
alter policy ev_read on events using (visibility in ('public','unlisted') or organizer_id = auth.uid() or exists (select 1 from guest_invites));
