-- expect: write-forged-owner:insert:public.rsvps
alter policy rs_write on rsvps with check (exists (select 1 from events where id = event_id));
