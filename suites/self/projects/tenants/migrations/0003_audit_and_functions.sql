SET ROLE app_owner;
CREATE FUNCTION app.audit() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  INSERT INTO app.audit_log (tenant_id, table_name, action, row_data)
  VALUES (CASE WHEN TG_OP = 'DELETE' THEN OLD.tenant_id ELSE NEW.tenant_id END, TG_TABLE_NAME, TG_OP,
          CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END);
  RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION app.audit() FROM PUBLIC;
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON app.customers FOR EACH ROW EXECUTE FUNCTION app.audit();
CREATE TRIGGER audit AFTER INSERT OR UPDATE OR DELETE ON app.invoices FOR EACH ROW EXECUTE FUNCTION app.audit();

-- runs as its owner, who is bound by the same policies (FORCE)
CREATE FUNCTION app.pay_invoice(p_invoice bigint) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE v_status text;
BEGIN
  UPDATE app.invoices SET status = 'paid'
  WHERE id = p_invoice AND tenant_id = app.current_tenant() AND status = 'open'
  RETURNING status INTO v_status;
  IF v_status IS NULL THEN
    RAISE EXCEPTION 'invoice % is not open', p_invoice USING ERRCODE = 'P0002';
  END IF;
  RETURN v_status;
END $$;
REVOKE ALL ON FUNCTION app.pay_invoice(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION app.pay_invoice(bigint) TO app_rw;
RESET ROLE;
