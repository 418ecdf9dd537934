-- V2 as first rolled out: conversation and first message in one call. Nothing yet asks who the caller is.

CREATE TABLE public.conversations_v2 (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  help_request_id uuid NOT NULL REFERENCES public.help_requests (id) ON DELETE CASCADE,
  requester_id uuid NOT NULL REFERENCES auth.users (id),
  helper_id uuid NOT NULL REFERENCES auth.users (id),
  initial_message text NOT NULL CONSTRAINT conversations_v2_initial_message_length CHECK (char_length(initial_message) BETWEEN 10 AND 1000),
  status text NOT NULL DEFAULT 'active' CONSTRAINT conversations_v2_status CHECK (status IN ('active', 'completed', 'cancelled')),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now(),
  CONSTRAINT conversations_v2_two_people CHECK (requester_id <> helper_id),
  CONSTRAINT conversations_v2_one_per_helper UNIQUE (help_request_id, helper_id)
);

CREATE TABLE public.messages_v2 (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  conversation_id uuid NOT NULL REFERENCES public.conversations_v2 (id) ON DELETE CASCADE,
  sender_id uuid NOT NULL REFERENCES auth.users (id),
  content text NOT NULL CONSTRAINT messages_v2_content_length CHECK (char_length(content) BETWEEN 1 AND 1000),
  created_at timestamptz NOT NULL DEFAULT now(),
  updated_at timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX conversations_v2_help_request_id_idx ON public.conversations_v2 (help_request_id);
CREATE INDEX conversations_v2_requester_id_idx ON public.conversations_v2 (requester_id);
CREATE INDEX conversations_v2_helper_id_idx ON public.conversations_v2 (helper_id);
CREATE INDEX conversations_v2_status_idx ON public.conversations_v2 (status);
CREATE INDEX conversations_v2_created_at_idx ON public.conversations_v2 (created_at DESC);
CREATE INDEX messages_v2_conversation_id_idx ON public.messages_v2 (conversation_id);
CREATE INDEX messages_v2_sender_id_idx ON public.messages_v2 (sender_id);
CREATE INDEX messages_v2_created_at_idx ON public.messages_v2 (created_at DESC);

CREATE FUNCTION public.set_updated_at_v2()
RETURNS trigger
LANGUAGE plpgsql
AS $$
BEGIN
  NEW.updated_at := now();
  RETURN NEW;
END
$$;

CREATE TRIGGER set_updated_at
BEFORE UPDATE ON public.conversations_v2
FOR EACH ROW
EXECUTE FUNCTION public.set_updated_at_v2();

CREATE TRIGGER set_updated_at
BEFORE UPDATE ON public.messages_v2
FOR EACH ROW
EXECUTE FUNCTION public.set_updated_at_v2();

ALTER TABLE public.conversations_v2 ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.messages_v2 ENABLE ROW LEVEL SECURITY;

CREATE POLICY "participants read"
ON public.conversations_v2
FOR SELECT TO authenticated
USING (auth.uid() IN (requester_id, helper_id));

CREATE POLICY "helpers open"
ON public.conversations_v2
FOR INSERT TO authenticated
WITH CHECK (
  helper_id = auth.uid()
  AND EXISTS (
    SELECT 1
    FROM public.help_requests AS request
    WHERE request.id = help_request_id
    AND request.status IN ('open', 'in_progress')
  )
);

CREATE POLICY "participants update"
ON public.conversations_v2
FOR UPDATE TO authenticated
USING (auth.uid() IN (requester_id, helper_id));

CREATE POLICY "participants read"
ON public.messages_v2
FOR SELECT TO authenticated
USING (EXISTS (
  SELECT 1
  FROM public.conversations_v2 AS conversation
  WHERE conversation.id = conversation_id
  AND auth.uid() IN (conversation.requester_id, conversation.helper_id)
));

CREATE POLICY "participants write as themselves"
ON public.messages_v2
FOR INSERT TO authenticated
WITH CHECK (
  sender_id = auth.uid()
  AND EXISTS (
    SELECT 1
    FROM public.conversations_v2 AS conversation
    WHERE conversation.id = conversation_id
    AND conversation.status = 'active'
    AND auth.uid() IN (conversation.requester_id, conversation.helper_id)
  )
);

CREATE FUNCTION public.create_conversation_atomic(p_help_request_id uuid, p_helper_id uuid, p_initial_message text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
AS $$
DECLARE
  v_error text;
  v_requester_id uuid;
  v_status text;
  v_conversation_id uuid;
BEGIN
  SELECT user_id, status
  INTO v_requester_id, v_status
  FROM help_requests
  WHERE id = p_help_request_id;

  v_error := CASE
    WHEN p_initial_message IS NULL OR char_length(trim(p_initial_message)) < 10 THEN 'Initial message must be at least 10 characters long'
    WHEN char_length(p_initial_message) > 1000 THEN 'Initial message cannot exceed 1000 characters'
    WHEN v_requester_id IS NULL THEN 'Help request not found'
    WHEN v_requester_id = p_helper_id THEN 'Cannot create conversation with yourself'
    WHEN v_status NOT IN ('open', 'in_progress') THEN 'Help request is no longer available'
  END;
  IF v_error IS NOT NULL THEN
    RETURN jsonb_build_object('success', false, 'error', v_error, 'message', 'Failed to create conversation');
  END IF;

  INSERT INTO conversations_v2 (help_request_id, requester_id, helper_id, initial_message)
  VALUES (p_help_request_id, v_requester_id, p_helper_id, trim(p_initial_message))
  RETURNING id INTO v_conversation_id;

  RETURN jsonb_build_object('success', true, 'conversation_id', v_conversation_id, 'message', 'Conversation created successfully');
EXCEPTION
  WHEN unique_violation THEN
    RETURN jsonb_build_object(
      'success', false,
      'error', 'Conversation already exists for this help request',
      'message', 'Failed to create conversation'
    );
END
$$;

CREATE FUNCTION public.send_message_v2(p_conversation_id uuid, p_sender_id uuid, p_content text)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
AS $$
DECLARE
  v_error text;
  v_message_id uuid;
BEGIN
  v_error := CASE
    WHEN p_content IS NULL OR trim(p_content) = '' THEN 'Message content cannot be empty'
    WHEN char_length(p_content) > 1000 THEN 'Message cannot exceed 1000 characters'
    WHEN NOT EXISTS (
      SELECT 1
      FROM conversations_v2
      WHERE id = p_conversation_id
      AND status = 'active'
      AND p_sender_id IN (requester_id, helper_id)
    ) THEN 'Not authorized to send messages in this conversation'
  END;
  IF v_error IS NOT NULL THEN
    RETURN jsonb_build_object('success', false, 'error', v_error, 'message', 'Failed to send message');
  END IF;

  INSERT INTO messages_v2 (conversation_id, sender_id, content)
  VALUES (p_conversation_id, p_sender_id, trim(p_content))
  RETURNING id INTO v_message_id;

  RETURN jsonb_build_object('success', true, 'message_id', v_message_id, 'message', 'Message sent successfully');
END
$$;

CREATE FUNCTION public.get_conversation_v2(p_conversation_id uuid, p_user_id uuid)
RETURNS jsonb
LANGUAGE plpgsql
SECURITY DEFINER
AS $$
DECLARE
  v_conversation jsonb;
  v_messages jsonb;
BEGIN
  SELECT to_jsonb(conversation)
  INTO v_conversation
  FROM conversations_v2 AS conversation
  WHERE id = p_conversation_id
  AND p_user_id IN (requester_id, helper_id);

  IF v_conversation IS NULL THEN
    RETURN jsonb_build_object('success', false, 'error', 'Conversation not found or access denied');
  END IF;

  SELECT coalesce(jsonb_agg(to_jsonb(message) - 'conversation_id' ORDER BY created_at), '[]')
  INTO v_messages
  FROM messages_v2 AS message
  WHERE conversation_id = p_conversation_id;

  RETURN jsonb_build_object('conversation', v_conversation, 'messages', v_messages);
END
$$;
