-- Stage 1, as first shipped: document chunks for retrieval, one table for all tenants, kept apart by row-level security.
-- The caller's tenant is whatever the setting app.user_hash names. Two holes are part of this stage's history:
--   1. an unset or empty setting is the tenant '' and reads and writes the rows of that name;
--   2. memory_use_tenant names the tenant for the whole session, so on a pooled connection it outlives its request.

-- Roles belong to the whole server: another database may have made them, or be making them right now.
DO $$
BEGIN
  CREATE ROLE memory_owner NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

DO $$
BEGIN
  CREATE ROLE app_user LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION;
EXCEPTION
  WHEN duplicate_object OR unique_violation THEN NULL;
END
$$;

CREATE TABLE public.memory_chunks (
  id          uuid         PRIMARY KEY DEFAULT gen_random_uuid(),
  user_hash   varchar(64)  NOT NULL,
  doc_id      varchar(255) NOT NULL,
  source      varchar(100) NOT NULL,
  text_plain  text,
  text_cipher bytea,
  meta_cipher bytea,
  embedding   float8[]     NOT NULL,
  emb_cipher  bytea,
  chunk_index integer      NOT NULL,
  char_start  integer,
  char_end    integer,
  created_at  timestamp    NOT NULL DEFAULT now(),
  updated_at  timestamp    NOT NULL DEFAULT now(),
  expires_at  timestamp,
  tags        text[],
  model       varchar(100)
);

COMMENT ON COLUMN public.memory_chunks.user_hash IS 'Tenant key: HMAC-SHA-256 of the user id, 64 hexadecimal digits.';
COMMENT ON COLUMN public.memory_chunks.source IS 'Where the document came from: chat, upload, api, ...';

CREATE INDEX idx_memory_chunks_user_hash         ON public.memory_chunks (user_hash);
CREATE INDEX idx_memory_chunks_user_hash_created ON public.memory_chunks (user_hash, created_at);
CREATE INDEX idx_memory_chunks_doc_id            ON public.memory_chunks (doc_id);
CREATE INDEX idx_memory_chunks_source            ON public.memory_chunks (source);
CREATE INDEX idx_memory_chunks_created_at        ON public.memory_chunks (created_at);
CREATE INDEX idx_memory_chunks_expires_at        ON public.memory_chunks (expires_at);

ALTER TABLE public.memory_chunks OWNER TO memory_owner;
ALTER TABLE public.memory_chunks ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.memory_chunks FORCE ROW LEVEL SECURITY;

CREATE POLICY memory_chunks_select ON public.memory_chunks
  FOR SELECT
  USING (user_hash = coalesce(current_setting('app.user_hash', true), ''));

CREATE POLICY memory_chunks_insert ON public.memory_chunks
  FOR INSERT
  WITH CHECK (user_hash = coalesce(current_setting('app.user_hash', true), ''));

CREATE POLICY memory_chunks_update ON public.memory_chunks
  FOR UPDATE
  USING (user_hash = coalesce(current_setting('app.user_hash', true), ''))
  WITH CHECK (user_hash = coalesce(current_setting('app.user_hash', true), ''));

CREATE POLICY memory_chunks_delete ON public.memory_chunks
  FOR DELETE
  USING (user_hash = coalesce(current_setting('app.user_hash', true), ''));

GRANT SELECT, INSERT, UPDATE, DELETE ON public.memory_chunks TO app_user;

-- Names the caller's tenant. The application calls it before its first statement of a request.
CREATE FUNCTION public.memory_use_tenant(hash text)
RETURNS void
LANGUAGE sql
AS $$
  SELECT set_config('app.user_hash', hash, false);
$$;

-- Removes the current tenant's rows that are past expires_at; returns how many. A sweep over many tenants passes one moment
-- for all of them. Timestamps are in the session's time zone, as the defaults of created_at and updated_at are.
CREATE FUNCTION public.memory_purge_expired(as_of timestamp DEFAULT localtimestamp)
RETURNS bigint
LANGUAGE sql
AS $$
  WITH purged AS (
    DELETE FROM memory_chunks
    WHERE expires_at < as_of
    RETURNING id
  )
  SELECT count(*) FROM purged;
$$;

ALTER FUNCTION public.memory_use_tenant(text) OWNER TO memory_owner;
ALTER FUNCTION public.memory_purge_expired(timestamp) OWNER TO memory_owner;
