-- expect: write-forged-owner:insert:ledger.entries
ALTER POLICY org ON ledger.entries WITH CHECK (amount <> 0);
