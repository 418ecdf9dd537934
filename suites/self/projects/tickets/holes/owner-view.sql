-- expect: read-foreign-row:select:public.ticket_overview
CREATE VIEW public.ticket_overview AS SELECT id, subject, status FROM public.tickets;
