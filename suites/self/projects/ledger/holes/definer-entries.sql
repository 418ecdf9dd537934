-- expect: rpc-foreign-row:call:ledger.entries_of(integer)
CREATE FUNCTION ledger.entries_of(p_account int) RETURNS SETOF ledger.entries LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ledger AS $$ SELECT * FROM ledger.entries WHERE account = p_account $$;
GRANT EXECUTE ON FUNCTION ledger.entries_of TO ledger_rw;
