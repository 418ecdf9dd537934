-- Where every call is written down.
CREATE TABLE public.call_log (at timestamptz NOT NULL DEFAULT clock_timestamp(), user_id uuid, key text);
ALTER TABLE public.call_log ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.call_log FROM anon, authenticated;
CREATE UNIQUE INDEX ON public.calls (user_id, body) WHERE backend = -1;

-- Only a key that is new is given back; that a call came again is written down.
CREATE FUNCTION public.noted(p_body text, p_idempotency_key text DEFAULT gen_random_uuid()::text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  v_key text;
BEGIN
  INSERT INTO call_log (user_id, key) VALUES (auth.uid(), p_idempotency_key);
  INSERT INTO calls (user_id, backend, body) VALUES (auth.uid(), -1, p_idempotency_key)
    ON CONFLICT (user_id, body) WHERE backend = -1 DO NOTHING
    RETURNING body INTO v_key;
  IF v_key IS NOT NULL THEN
    INSERT INTO notes (user_id, body) VALUES (auth.uid(), p_body);
  END IF;
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
