-- Takes V2 and its functions away, from any stage; V1, the board and their grants stay as the baseline left them.
-- By hand: psql -1 -f rollback.sql, then `supabase migration repair --status reverted` for the three versions.

DROP FUNCTION IF EXISTS public.create_conversation_atomic(uuid, uuid, text);
DROP FUNCTION IF EXISTS public.send_message_v2(uuid, uuid, text);
DROP FUNCTION IF EXISTS public.get_conversation_v2(uuid, uuid);

DROP TABLE IF EXISTS public.messages_v2;
DROP TABLE IF EXISTS public.conversations_v2;

DROP FUNCTION IF EXISTS public.recheck_conversation_v2();
DROP FUNCTION IF EXISTS public.recheck_request_v2();
DROP FUNCTION IF EXISTS public.set_updated_at_v2();
DROP FUNCTION IF EXISTS public.trim_white_space_v2(text);
