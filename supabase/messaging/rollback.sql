-- Takes V2 and its functions away, from any stage; V1, the board and their grants stay. Applying the migrations again works.

BEGIN;

DROP FUNCTION IF EXISTS public.create_conversation_atomic(uuid, uuid, text);
DROP FUNCTION IF EXISTS public.send_message_v2(uuid, uuid, text);
DROP FUNCTION IF EXISTS public.get_conversation_v2(uuid, uuid);

DROP TABLE IF EXISTS public.messages_v2;
DROP TABLE IF EXISTS public.conversations_v2;

DROP FUNCTION IF EXISTS public.recheck_conversation_v2();
DROP FUNCTION IF EXISTS public.recheck_request_v2();
DROP FUNCTION IF EXISTS public.set_updated_at_v2();
DROP FUNCTION IF EXISTS public.trim_white_space_v2(text);

-- The journal of the migration tool, where there is one, forgets them too.
DO $$
BEGIN
  IF to_regclass('supabase_migrations.schema_migrations') IS NOT NULL THEN
    DELETE FROM supabase_migrations.schema_migrations
    WHERE version IN ('20250101000002', '20250101000003', '20250101000004');
  END IF;
END
$$;

COMMIT;
