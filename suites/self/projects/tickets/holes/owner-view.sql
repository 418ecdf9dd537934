-- expect: read-foreign-row:select:public.ticket_overview write-through-view:delete:public.ticket_overview write-through-view:update:public.ticket_overview
CREATE VIEW public.ticket_overview AS SELECT id, subject, status FROM public.tickets;
