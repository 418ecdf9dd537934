-- expect: none
grant execute on function public.transfer_team_account_ownership(uuid, uuid) to authenticated;
