-- The role ends with the transaction.
CREATE FUNCTION public.climbing(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  PERFORM set_config('role', 'authenticated', true);
END $$;

-- The claims end with the transaction.
CREATE FUNCTION public.claiming(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('request.jwt.claims', current_setting('request.jwt.claims'), true);
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
END $$;

-- Whoever is cancelled has done nothing, and is told so.
CREATE FUNCTION public.counting(p_body text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO notes (user_id, body) VALUES (auth.uid(), p_body);
  UPDATE tallies AS tally SET notes = tally.notes + 1 WHERE tally.user_id = auth.uid();
EXCEPTION WHEN query_canceled THEN
  RAISE;
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
