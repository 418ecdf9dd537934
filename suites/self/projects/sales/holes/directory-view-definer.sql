-- expect: read-foreign-row:select:public.customer_directory
CREATE OR REPLACE VIEW public.customer_directory WITH (security_invoker = false) AS
  SELECT c.id, c.org_id, c.company, ct.name AS contact, ct.email FROM public.customers c LEFT JOIN public.contacts ct ON ct.customer_id = c.id;
