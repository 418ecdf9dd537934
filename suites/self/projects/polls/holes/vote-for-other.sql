-- expect: write-forged-owner:insert:public.votes
alter policy v2 on votes with check (can_see_poll(poll_id));
