-- What clients say about when a note was written, and what becomes of it.
CREATE FUNCTION public.skew(p_client_ts timestamptz) RETURNS interval LANGUAGE sql STABLE
RETURN greatest(now() - p_client_ts, p_client_ts - now());

-- Counts only what was written just now, and keeps all of it.
CREATE FUNCTION public.sent_at(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  IF public.skew(p_client_ts) < interval '5 minutes' THEN
    UPDATE public.tallies AS tally SET notes = tally.notes + 1 WHERE tally.user_id = auth.uid();
  END IF;
  RETURN 'kept';
END $$;

-- Says that it was kept, and it was not.
CREATE FUNCTION public.synced(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) SELECT auth.uid(), p_body WHERE p_client_ts <= now();
  RETURN 'kept';
END $$;

-- What comes late is put under yesterday as well.
CREATE FUNCTION public.dated(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body || extract(hour FROM p_client_ts));
  IF p_client_ts < now() - interval '5 minutes' THEN
    INSERT INTO public.calls (user_id, backend, body) VALUES (auth.uid(), 1, 'late');
  END IF;
  RETURN 'kept';
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
