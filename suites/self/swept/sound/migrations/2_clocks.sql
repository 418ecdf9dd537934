-- What clients say about when a note was written, and what becomes of it.
CREATE FUNCTION public.skew(p_client_ts timestamptz) RETURNS interval LANGUAGE sql STABLE
RETURN greatest(now() - p_client_ts, p_client_ts - now());

-- Keeps and counts only what was written just now.
CREATE FUNCTION public.sent_at(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF public.skew(p_client_ts) > interval '5 minutes' THEN
    RETURN 'your clock is off';
  END IF;
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  UPDATE public.tallies AS tally SET notes = tally.notes + 1 WHERE tally.user_id = auth.uid();
  RETURN 'kept';
END $$;

-- Refuses what was not written yet.
CREATE FUNCTION public.synced(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  IF p_client_ts > now() THEN
    RAISE EXCEPTION 'your clock is ahead' USING ERRCODE = '22008';
  END IF;
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  RETURN 'kept';
END $$;

-- What the client's clock says is a part of the note, and of the answer.
CREATE FUNCTION public.dated(p_body text, p_client_ts timestamptz) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body || extract(hour FROM p_client_ts));
  RETURN 'kept ' || extract(hour FROM p_client_ts);
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
