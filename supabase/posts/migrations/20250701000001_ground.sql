-- What sharing stands on, as it was before: people, collectives with their seats, and posts that knew one collective at most.

CREATE TABLE public.users (
  id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE public.collectives (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL CONSTRAINT collectives_name CHECK (char_length(name) BETWEEN 1 AND 200),
  slug text NOT NULL CONSTRAINT collectives_slug UNIQUE,
  owner_id uuid NOT NULL REFERENCES public.users (id),
  requires_approval boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

-- What somebody may do in a collective is what their seat says.
CREATE TABLE public.collective_members (
  collective_id uuid NOT NULL REFERENCES public.collectives (id) ON DELETE CASCADE,
  member_id uuid NOT NULL REFERENCES public.users (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member'
    CONSTRAINT collective_members_role CHECK (role IN ('owner', 'admin', 'editor', 'author', 'member')),
  joined_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT collective_members_one_seat PRIMARY KEY (collective_id, member_id)
);

CREATE INDEX collective_members_member_idx ON public.collective_members (member_id, collective_id);

-- collective_id points nowhere where its collective has gone: nothing ever held it.
CREATE TABLE public.posts (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  author_id uuid NOT NULL REFERENCES public.users (id) ON DELETE CASCADE,
  collective_id uuid,
  title text NOT NULL,
  content text NOT NULL DEFAULT '',
  is_public boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX posts_author_idx ON public.posts (author_id);
CREATE INDEX posts_legacy_collective_idx ON public.posts (collective_id) WHERE collective_id IS NOT NULL;

-- The platform's default privileges hand everything to anon and authenticated: take it back, then grant what is meant.
REVOKE ALL ON public.users, public.collectives, public.collective_members, public.posts
FROM PUBLIC, anon, authenticated;

-- The service keeps its rows. A trigger of its own would run as whoever writes next, the schema's owner too.
REVOKE TRUNCATE, REFERENCES, TRIGGER ON public.users, public.collectives, public.collective_members, public.posts FROM service_role;

GRANT SELECT ON public.users, public.collectives, public.collective_members, public.posts TO authenticated;
GRANT SELECT ON public.posts TO anon;
GRANT INSERT (author_id, title, content, is_public), UPDATE (title, content, is_public), DELETE ON public.posts TO authenticated;

ALTER TABLE public.users ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.collectives ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.collective_members ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.posts ENABLE ROW LEVEL SECURITY;

CREATE POLICY "people read themselves" ON public.users FOR SELECT TO authenticated
USING (id = (SELECT auth.uid()));

-- One's own seat only: a policy that looked for the others here would recurse.
CREATE POLICY "members read their seat" ON public.collective_members FOR SELECT TO authenticated
USING (member_id = (SELECT auth.uid()));

CREATE POLICY "members read" ON public.collectives FOR SELECT TO authenticated
USING (id IN (SELECT seat.collective_id FROM public.collective_members AS seat WHERE seat.member_id = (SELECT auth.uid())));

CREATE POLICY "everybody reads public ones" ON public.posts FOR SELECT TO anon, authenticated
USING (is_public);

CREATE POLICY "authors read" ON public.posts FOR SELECT TO authenticated
USING (author_id = (SELECT auth.uid()));

CREATE POLICY "members read" ON public.posts FOR SELECT TO authenticated
USING (collective_id IN (SELECT seat.collective_id FROM public.collective_members AS seat WHERE seat.member_id = (SELECT auth.uid())));

CREATE POLICY "authors write" ON public.posts FOR INSERT TO authenticated
WITH CHECK (author_id = (SELECT auth.uid()));

CREATE POLICY "authors change" ON public.posts FOR UPDATE TO authenticated
USING (author_id = (SELECT auth.uid()))
WITH CHECK (author_id = (SELECT auth.uid()));

CREATE POLICY "authors delete" ON public.posts FOR DELETE TO authenticated
USING (author_id = (SELECT auth.uid()));
