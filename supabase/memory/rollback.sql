-- Takes memory chunks back, from either stage: functions and table, and with them policies, indexes and every grant on them.
-- The roles stay: they belong to the whole server and hold nothing here afterwards.
-- Nothing cascades: a view that somebody built on the table stops the rollback instead of vanishing with it.
BEGIN;

DROP FUNCTION IF EXISTS public.memory_purge_expired(timestamp);
DROP FUNCTION IF EXISTS public.memory_use_tenant(text);
DROP TABLE IF EXISTS public.memory_chunks;

COMMIT;
