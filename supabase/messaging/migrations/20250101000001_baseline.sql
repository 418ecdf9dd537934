-- The board of help requests, and V1 messaging as it was left: read-only, with its 16 conversations.

CREATE TABLE public.help_requests (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  user_id uuid NOT NULL REFERENCES auth.users (id),
  title text NOT NULL,
  description text,
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'in_progress', 'completed', 'cancelled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX help_requests_user_id_idx ON public.help_requests (user_id);

CREATE TABLE public.conversations (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  help_request_id uuid NOT NULL REFERENCES public.help_requests (id) ON DELETE CASCADE,
  status text NOT NULL DEFAULT 'active',
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.conversation_participants (
  conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth.users (id),
  PRIMARY KEY (conversation_id, user_id)
);

CREATE TABLE public.messages (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL REFERENCES public.conversations (id) ON DELETE CASCADE,
  sender_id uuid NOT NULL REFERENCES auth.users (id),
  content text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION public.set_updated_at()
RETURNS trigger
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

CREATE TRIGGER set_updated_at
BEFORE UPDATE ON public.help_requests
FOR EACH ROW
EXECUTE FUNCTION public.set_updated_at();

-- The platform's default privileges hand everything to anon and authenticated: take it back, then grant what is meant.
-- TRUNCATE, REFERENCES and TRIGGER are not subject to row security; PUBLIC and the API roles hold EXECUTE separately.
REVOKE ALL ON public.help_requests, public.conversations, public.conversation_participants, public.messages
FROM PUBLIC, anon, authenticated;
REVOKE ALL ON FUNCTION public.set_updated_at()
FROM PUBLIC, anon, authenticated, service_role;

GRANT SELECT ON public.help_requests, public.conversations, public.conversation_participants, public.messages
TO authenticated;
GRANT INSERT (user_id, title, description, status), UPDATE (title, description, status)
ON public.help_requests
TO authenticated;

ALTER TABLE public.help_requests ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.conversations ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.conversation_participants ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.messages ENABLE ROW LEVEL SECURITY;

CREATE POLICY "the signed-in read the whole board"
ON public.help_requests
FOR SELECT TO authenticated
USING (true);

CREATE POLICY "requesters post their own"
ON public.help_requests
FOR INSERT TO authenticated
WITH CHECK (user_id = (SELECT auth.uid()));

CREATE POLICY "requesters change their own"
ON public.help_requests
FOR UPDATE TO authenticated
USING (user_id = (SELECT auth.uid()))
WITH CHECK (user_id = (SELECT auth.uid()));

-- One's own seat only: a policy that looked for the other seats here would recurse.
CREATE POLICY "participants read their seat"
ON public.conversation_participants
FOR SELECT TO authenticated
USING (user_id = (SELECT auth.uid()));

CREATE POLICY "participants read"
ON public.conversations
FOR SELECT TO authenticated
USING (EXISTS (
  SELECT 1
  FROM public.conversation_participants AS seat
  WHERE seat.conversation_id = conversations.id
  AND seat.user_id = (SELECT auth.uid())
));

CREATE POLICY "participants read"
ON public.messages
FOR SELECT TO authenticated
USING (EXISTS (
  SELECT 1
  FROM public.conversation_participants AS seat
  WHERE seat.conversation_id = messages.conversation_id
  AND seat.user_id = (SELECT auth.uid())
));

-- Legacy: people 1–4 asked, people 5–8 helped. The last four conversations lost their first message to V1's race.
INSERT INTO auth.users (id, email, aud, role)
SELECT
  ('1e9ac000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  'legacy-' || n || '@example.test',
  'authenticated',
  'authenticated'
FROM generate_series(1, 8) AS n;

INSERT INTO public.help_requests (id, user_id, title, description, status, created_at, updated_at)
SELECT
  ('1e9ac001-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  ('1e9ac000-0000-4000-8000-' || lpad((1 + n % 4)::text, 12, '0'))::uuid,
  'Legacy request ' || n,
  'Posted before V2',
  'completed',
  '2024-11-01 08:00+00'::timestamptz + n * interval '1 day',
  '2024-11-01 08:00+00'::timestamptz + n * interval '1 day'
FROM generate_series(1, 16) AS n;

INSERT INTO public.conversations (id, help_request_id, status, created_at, updated_at)
SELECT
  ('1e9ac002-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  ('1e9ac001-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  'active',
  '2024-11-01 09:00+00'::timestamptz + n * interval '1 day',
  '2024-11-01 09:00+00'::timestamptz + n * interval '1 day'
FROM generate_series(1, 16) AS n;

INSERT INTO public.conversation_participants (conversation_id, user_id)
SELECT
  ('1e9ac002-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  ('1e9ac000-0000-4000-8000-' || lpad(person::text, 12, '0'))::uuid
FROM generate_series(1, 16) AS n
CROSS JOIN LATERAL (VALUES (1 + n % 4), (5 + n / 4 % 4)) AS seat (person);

INSERT INTO public.messages (id, conversation_id, sender_id, content, created_at)
SELECT
  ('1e9ac003-0000-4000-8000-' || lpad((2 * n + reply)::text, 12, '0'))::uuid,
  ('1e9ac002-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid,
  ('1e9ac000-0000-4000-8000-' || lpad((CASE reply WHEN 0 THEN 5 + n / 4 % 4 ELSE 1 + n % 4 END)::text, 12, '0'))::uuid,
  CASE reply WHEN 0 THEN 'Legacy offer ' ELSE 'Legacy answer ' END || n,
  '2024-11-01 10:00+00'::timestamptz + n * interval '1 day' + reply * interval '1 hour'
FROM generate_series(1, 12) AS n
CROSS JOIN generate_series(0, 1) AS reply;
