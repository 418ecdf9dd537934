-- expect: write-foreign-parent:insert:public.poll_invites
alter policy i2 on poll_invites with check (user_id = auth.uid());
