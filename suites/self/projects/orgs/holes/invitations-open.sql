-- expect: read-foreign-row:select:public.invitations
alter policy "invitee reads own" on public.invitations using (email = (select auth.jwt() ->> 'email') or accepted_at is null);
