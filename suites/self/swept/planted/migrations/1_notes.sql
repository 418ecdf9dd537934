-- What both projects of the sweep's tests share: notes of people, and how many each has.
CREATE TABLE public.notes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES auth.users (id),
  body text NOT NULL
);
CREATE TABLE public.tallies (
  user_id uuid PRIMARY KEY REFERENCES auth.users (id),
  notes integer NOT NULL
);
CREATE TABLE public.calls (
  user_id uuid NOT NULL REFERENCES auth.users (id),
  backend integer NOT NULL,
  body text NOT NULL,
  PRIMARY KEY (user_id, backend, body)
);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tallies ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.calls ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.notes, public.tallies, public.calls FROM anon;
CREATE POLICY own ON public.notes TO authenticated USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON public.tallies TO authenticated USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());
CREATE POLICY own ON public.calls TO authenticated USING (user_id = auth.uid()) WITH CHECK (user_id = auth.uid());

-- Half of it outlives whatever ends the call between the two.
CREATE PROCEDURE public.in_halves(p_body text) LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  COMMIT;
  UPDATE public.tallies AS tally SET notes = tally.notes + 1 WHERE tally.user_id = auth.uid();
END $$;

-- Knows its earlier calls by the connection, and a client that was cut comes by another.
CREATE FUNCTION public.note_once(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO public.calls (user_id, backend, body) VALUES (auth.uid(), pg_backend_pid(), p_body) ON CONFLICT DO NOTHING;
  IF FOUND THEN
    INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
  END IF;
END $$;

-- The setting outlives the transaction.
CREATE FUNCTION public.bleeding(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM set_config('app.tenant', auth.uid()::text, false);
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
END $$;

-- The lock outlives the transaction.
CREATE FUNCTION public.locking(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_lock(4);
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
END $$;

-- The table outlives the transaction.
CREATE FUNCTION public.scratching(p_body text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  CREATE TEMP TABLE IF NOT EXISTS scratch (body text);
  INSERT INTO public.notes (user_id, body) VALUES (auth.uid(), p_body);
END $$;

REVOKE EXECUTE ON ALL ROUTINES IN SCHEMA public FROM PUBLIC, anon;
