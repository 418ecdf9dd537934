-- Stage 2, the head: an empty tenant is nobody, and a tenant is named for one transaction only.
--
-- What SQL cannot close and the application must know:
--   * A client may SET app.user_hash itself, for its session, as it may call memory_use_tenant with any hash: naming the
--     tenant is the application's trusted act. A pool that runs other people's statements must DISCARD ALL between requests;
--     that also drops temporary tables and WITH HOLD cursors, which outlive a request as well.
--   * The primary key spans tenants: an insert that brings another tenant's id fails, which says that the id is taken and
--     nothing else. Ids are therefore random and mean nothing.

-- A row whose tenant is empty belongs to nobody. Where stage 1 let one in, this stops the migration: whose it is must be
-- decided by a person, not by a DELETE in passing.
ALTER TABLE public.memory_chunks
  ADD CONSTRAINT memory_chunks_user_hash_not_empty CHECK (user_hash <> '');

-- A setting that was set once in a session reads '' afterwards, not NULL: both must compare with nothing.
ALTER POLICY memory_chunks_select ON public.memory_chunks
  USING (user_hash = nullif(current_setting('app.user_hash', true), ''));

ALTER POLICY memory_chunks_insert ON public.memory_chunks
  WITH CHECK (user_hash = nullif(current_setting('app.user_hash', true), ''));

ALTER POLICY memory_chunks_update ON public.memory_chunks
  USING (user_hash = nullif(current_setting('app.user_hash', true), ''))
  WITH CHECK (user_hash = nullif(current_setting('app.user_hash', true), ''));

ALTER POLICY memory_chunks_delete ON public.memory_chunks
  USING (user_hash = nullif(current_setting('app.user_hash', true), ''));

-- Not STRICT: a NULL must be refused, not passed over with the former tenant left in place.
CREATE OR REPLACE FUNCTION public.memory_use_tenant(hash text)
RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  IF
    -- guard: tenant-named
    hash IS NULL OR hash = ''
    -- guard: tenant-named
  THEN
    RAISE EXCEPTION 'memory_use_tenant: the tenant is empty'
      USING ERRCODE = 'invalid_parameter_value',
            HINT = 'Pass the tenant key that hmacUser returns.';
  END IF;
  PERFORM set_config('app.user_hash', hash, true);
END
$$;

-- The tenant is named in the statement too: whoever is exempt from row-level security purges one tenant as well.
CREATE OR REPLACE FUNCTION public.memory_purge_expired(as_of timestamp DEFAULT localtimestamp)
RETURNS bigint
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $$
  WITH purged AS (
    DELETE FROM public.memory_chunks
    WHERE
      -- guard: own-tenant
      user_hash = nullif(current_setting('app.user_hash', true), '')
      -- guard: own-tenant
      -- guard: expired
      AND expires_at < as_of
      -- guard: expired
    RETURNING id
  )
  SELECT count(*) FROM purged;
$$;

-- Exactly these privileges, whatever default privileges this database had when the objects were made.
REVOKE ALL ON public.memory_chunks FROM PUBLIC, app_user;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.memory_chunks TO app_user;

REVOKE ALL ON FUNCTION public.memory_use_tenant(text) FROM PUBLIC, app_user;
REVOKE ALL ON FUNCTION public.memory_purge_expired(timestamp) FROM PUBLIC, app_user;
GRANT EXECUTE ON FUNCTION public.memory_use_tenant(text) TO app_user;
GRANT EXECUTE ON FUNCTION public.memory_purge_expired(timestamp) TO app_user;

-- PostgreSQL 15 and newer give nobody CREATE here; a database that was upgraded from 14 or older still does.
REVOKE CREATE ON SCHEMA public FROM PUBLIC, app_user;
