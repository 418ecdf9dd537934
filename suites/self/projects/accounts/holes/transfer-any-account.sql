-- expect: rpc-error-canary:call:public.transfer_team_account_ownership(uuid,uuid) rpc-foreign-row:call:public.transfer_team_account_ownership(uuid,uuid) rpc-identity-argument:call:public.transfer_team_account_ownership(uuid,uuid) rpc-null-uid-guard:call:public.transfer_team_account_ownership(uuid,uuid)
grant execute on function public.transfer_team_account_ownership(uuid, uuid) to authenticated;
