-- expect: tenant-empty:select:ledger.entries tenant-empty:insert:ledger.entries
ALTER POLICY org ON ledger.entries USING (org = coalesce(current_setting('ledger.org', true), ''));
ALTER TABLE ledger.entries DROP CONSTRAINT entries_org_account_fkey;
