-- expect: write-forged-owner:insert:public.ticket_comments
ALTER POLICY comments_insert ON public.ticket_comments WITH CHECK (public.is_agent() OR EXISTS (SELECT FROM public.tickets t WHERE t.id = ticket_id AND t.requester_id = (SELECT auth.uid())));
