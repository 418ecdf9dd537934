-- Takes sharing away, from any stage: both tables with their log, the functions and the inner schema. People, collectives and posts
-- stay as they were before. By hand: psql -1 -f rollback.sql, then `supabase migration repair --status reverted` for the versions.

DROP FUNCTION IF EXISTS public.create_post_collective_associations(uuid, uuid[], jsonb);
DROP FUNCTION IF EXISTS public.get_post_audit_log(uuid, integer);
DROP FUNCTION IF EXISTS public.validate_collective_permissions(uuid[]);
DROP FUNCTION IF EXISTS public.migrate_legacy_post_collectives();
DROP FUNCTION IF EXISTS public.get_post_collective_count(uuid);
DROP FUNCTION IF EXISTS public.get_user_postable_collectives(uuid);
DROP FUNCTION IF EXISTS posting.logged(public.post_collectives);

DROP TABLE IF EXISTS public.post_collectives;
DROP TABLE IF EXISTS public.post_collective_audit_log;

DROP FUNCTION IF EXISTS public.can_user_post_to_collective(uuid, uuid);
DROP FUNCTION IF EXISTS public.is_member_of_collective(uuid);
DROP FUNCTION IF EXISTS public.log_post_collective_change();

DROP FUNCTION IF EXISTS posting.share(uuid, uuid[], jsonb);
DROP FUNCTION IF EXISTS posting.collective_errors(uuid[]);
DROP FUNCTION IF EXISTS posting.call_refusal(uuid, uuid[], jsonb);
DROP FUNCTION IF EXISTS posting.settings_valid(jsonb);
DROP FUNCTION IF EXISTS posting.refused(text, jsonb);
DROP FUNCTION IF EXISTS posting.asked(uuid[]);
DROP FUNCTION IF EXISTS posting.answers_about(uuid);
DROP FUNCTION IF EXISTS posting.log_refusal(uuid, uuid[], text);
DROP FUNCTION IF EXISTS posting.log_truncation();
DROP FUNCTION IF EXISTS posting.log_change();
DROP FUNCTION IF EXISTS posting.next_moment(uuid, uuid);
DROP FUNCTION IF EXISTS posting.actor();
DROP FUNCTION IF EXISTS posting.guard_removal();
DROP FUNCTION IF EXISTS posting.guard_association();
DROP FUNCTION IF EXISTS posting.settled_status(posting.seat, text, text);
DROP FUNCTION IF EXISTS posting.refuse();
DROP FUNCTION IF EXISTS posting.locked_seat(uuid);
DROP FUNCTION IF EXISTS posting.may_decide(text);
DROP FUNCTION IF EXISTS posting.may_post(text);
DROP FUNCTION IF EXISTS posting.is_trusted();
DROP FUNCTION IF EXISTS posting.caller();
DROP FUNCTION IF EXISTS posting.acting_role();
DROP TYPE IF EXISTS posting.seat;
DROP SCHEMA IF EXISTS posting;
