CREATE TYPE ticket_status AS ENUM ('open', 'pending', 'solved');
CREATE TABLE public.agents (user_id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, display_name text NOT NULL, active boolean NOT NULL DEFAULT true);
CREATE TABLE public.tickets (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, requester_id uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id), subject varchar(200) NOT NULL, status ticket_status NOT NULL DEFAULT 'open', assigned_to uuid REFERENCES public.agents (user_id), created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE public.ticket_comments (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ticket_id bigint NOT NULL REFERENCES public.tickets (id) ON DELETE CASCADE, author_id uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id), body text NOT NULL, internal boolean NOT NULL DEFAULT false, created_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE public.canned_replies (id serial PRIMARY KEY, title text NOT NULL UNIQUE, body text NOT NULL);
CREATE OR REPLACE FUNCTION public.is_agent() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = '' AS $$ SELECT EXISTS (SELECT FROM public.agents WHERE user_id = (SELECT auth.uid()) AND active) $$;
ALTER TABLE public.agents ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.tickets ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.ticket_comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.canned_replies ENABLE ROW LEVEL SECURITY;
CREATE POLICY agents_self ON public.agents FOR SELECT TO authenticated USING (user_id = (SELECT auth.uid()) OR public.is_agent());
CREATE POLICY tickets_select ON public.tickets FOR SELECT TO authenticated USING (requester_id = (SELECT auth.uid()) OR public.is_agent());
CREATE POLICY tickets_insert ON public.tickets FOR INSERT TO authenticated WITH CHECK (requester_id = (SELECT auth.uid()) AND status = 'open' AND assigned_to IS NULL);
CREATE POLICY tickets_update ON public.tickets FOR UPDATE TO authenticated USING (public.is_agent()) WITH CHECK (public.is_agent());
CREATE POLICY comments_select ON public.ticket_comments FOR SELECT TO authenticated USING (public.is_agent() OR (NOT internal AND EXISTS (SELECT FROM public.tickets t WHERE t.id = ticket_id AND t.requester_id = (SELECT auth.uid()))));
CREATE POLICY comments_insert ON public.ticket_comments FOR INSERT TO authenticated WITH CHECK (author_id = (SELECT auth.uid()) AND (public.is_agent() OR (NOT internal AND EXISTS (SELECT FROM public.tickets t WHERE t.id = ticket_id AND t.requester_id = (SELECT auth.uid())))));
CREATE POLICY canned_all ON public.canned_replies TO authenticated USING (public.is_agent()) WITH CHECK (public.is_agent());
CREATE FUNCTION public.close_ticket(ticket bigint) RETURNS public.ticket_status LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE st public.ticket_status;
BEGIN
  UPDATE public.tickets SET status = 'solved' WHERE id = ticket AND (requester_id = auth.uid() OR public.is_agent()) RETURNING status INTO st;
  IF NOT FOUND THEN RAISE EXCEPTION 'not found' USING ERRCODE = 'no_data_found'; END IF;
  RETURN st;
END $$;
CREATE VIEW public.my_tickets WITH (security_invoker = true) AS SELECT t.id, t.subject, t.status, (SELECT count(*) FROM public.ticket_comments c WHERE c.ticket_id = t.id) AS comments FROM public.tickets t WHERE t.requester_id = auth.uid();
