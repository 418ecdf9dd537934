-- The role outlives the transaction.
CREATE FUNCTION public.climbing(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  PERFORM set_config('role', 'authenticated', false);
END $$;

-- The claims outlive the transaction.
CREATE FUNCTION public.claiming(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('request.jwt.claims', current_setting('request.jwt.claims'), false);
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
END $$;

-- Whoever is cancelled starts over, and so does everybody else.
CREATE FUNCTION public.counting(p_body text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  INSERT INTO notes (user_id, body) VALUES (auth.uid(), p_body);
  UPDATE tallies AS tally SET notes = tally.notes + 1 WHERE tally.user_id = auth.uid();
EXCEPTION WHEN query_canceled THEN
  UPDATE tallies SET notes = -1;
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
