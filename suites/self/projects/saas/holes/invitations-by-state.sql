-- expect: read-foreign-row:select:public.invitations
grant select on public.invitations to authenticated;
create policy "invitees look up their invitation" on public.invitations for select to authenticated
  using (accepted_at is null and expires_at > now());
