CREATE OR REPLACE FUNCTION public.create_dm(other_profile_id bigint)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE
  me bigint := my_profile_id();
  cid bigint;
BEGIN
  IF me IS NULL THEN RAISE EXCEPTION 'no profile' USING ERRCODE = '42501'; END IF;
  IF other_profile_id IS NULL OR other_profile_id = me THEN RAISE EXCEPTION 'whom?' USING ERRCODE = '22023'; END IF;
  SELECT c.id INTO cid FROM channels c
    JOIN channel_members a ON a.channel_id = c.id AND a.profile_id = me AND a.left_at IS NULL
    JOIN channel_members b ON b.channel_id = c.id AND b.profile_id = other_profile_id AND b.left_at IS NULL
   WHERE c.kind = 'dm' LIMIT 1;
  IF cid IS NOT NULL THEN RETURN cid; END IF;
  INSERT INTO channels (kind, created_by) VALUES ('dm', me) RETURNING id INTO cid;
  INSERT INTO channel_members (channel_id, profile_id) VALUES (cid, me), (cid, other_profile_id);
  RETURN cid;
END $$;

CREATE OR REPLACE FUNCTION public.send_message(p_channel_id bigint, p_content text)
RETURNS bigint LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
DECLARE mid bigint;
BEGIN
  IF NOT is_channel_member(p_channel_id) THEN
    RAISE EXCEPTION 'not a member' USING ERRCODE = '42501';
  END IF;
  INSERT INTO messages (channel_id, sender_id, content) VALUES (p_channel_id, my_profile_id(), p_content) RETURNING id INTO mid;
  RETURN mid;
END $$;

CREATE OR REPLACE FUNCTION public.mark_read(p_channel_id bigint, p_message_id bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT is_channel_member(p_channel_id) THEN
    RAISE EXCEPTION 'not a member' USING ERRCODE = '42501';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM messages WHERE id = p_message_id AND channel_id = p_channel_id) THEN
    RAISE EXCEPTION 'no such message' USING ERRCODE = 'P0002';
  END IF;
  INSERT INTO read_receipts (channel_id, profile_id, last_message_id) VALUES (p_channel_id, my_profile_id(), p_message_id)
  ON CONFLICT (channel_id, profile_id) DO UPDATE SET last_message_id = excluded.last_message_id, read_at = now();
END $$;

CREATE OR REPLACE FUNCTION public.leave_channel(p_channel_id bigint)
RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = public AS $$
  UPDATE channel_members SET left_at = now() WHERE channel_id = p_channel_id AND profile_id = my_profile_id() AND left_at IS NULL
$$;

CREATE OR REPLACE FUNCTION public.unread_counts()
RETURNS TABLE (channel_id bigint, unread bigint) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT m.channel_id, count(x.id)
  FROM channel_members m
  LEFT JOIN read_receipts r ON r.channel_id = m.channel_id AND r.profile_id = m.profile_id
  LEFT JOIN messages x ON x.channel_id = m.channel_id AND x.id > coalesce(r.last_message_id, 0)
  WHERE m.profile_id = my_profile_id() AND m.left_at IS NULL
  GROUP BY m.channel_id
$$;

REVOKE EXECUTE ON FUNCTION public.create_dm(bigint), public.send_message(bigint, text), public.mark_read(bigint, bigint),
  public.leave_channel(bigint), public.unread_counts() FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.create_dm(bigint), public.send_message(bigint, text), public.mark_read(bigint, bigint),
  public.leave_channel(bigint), public.unread_counts() TO authenticated;

CREATE OR REPLACE FUNCTION public.add_channel_owner() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NEW.kind <> 'dm' THEN
    INSERT INTO channel_members (channel_id, profile_id, role) VALUES (NEW.id, NEW.created_by, 'owner') ON CONFLICT DO NOTHING;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER channels_owner AFTER INSERT ON public.channels FOR EACH ROW EXECUTE FUNCTION public.add_channel_owner();
