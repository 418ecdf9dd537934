CREATE VIEW public.my_orgs WITH (security_barrier) AS
  SELECT o.id, o.name, o.domain, private.is_org_admin(o.id) AS am_admin
  FROM public.orgs o WHERE o.id IN (SELECT private.my_org_ids());
REVOKE ALL ON public.my_orgs FROM anon, authenticated;
GRANT SELECT ON public.my_orgs TO authenticated;

CREATE VIEW public.pipeline WITH (security_invoker = true) AS
  SELECT d.org_id, d.stage, count(*) AS deals, sum(d.amount) AS amount FROM public.deals d GROUP BY d.org_id, d.stage;

CREATE VIEW public.customer_directory WITH (security_invoker = true) AS
  SELECT c.id, c.org_id, c.company, ct.name AS contact, ct.email FROM public.customers c LEFT JOIN public.contacts ct ON ct.customer_id = c.id;

CREATE FUNCTION public.create_org(org_name text) RETURNS uuid
  LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $$
DECLARE new_id uuid; person uuid := private.me();
BEGIN
  IF person IS NULL THEN RAISE EXCEPTION 'no person for this login' USING ERRCODE = '42501'; END IF;
  INSERT INTO public.orgs (name) VALUES (org_name) RETURNING id INTO new_id;
  INSERT INTO public.org_people (org_id, person_id, is_admin) VALUES (new_id, person, true);
  RETURN new_id;
END $$;

CREATE FUNCTION public.suspend_person(org uuid, person uuid) RETURNS boolean
  LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $$
BEGIN
  IF private.is_org_admin(org) IS NOT TRUE THEN RAISE EXCEPTION 'admins only' USING ERRCODE = '42501'; END IF;
  UPDATE public.org_people SET status = 'suspended' WHERE org_id = org AND person_id = person;
  RETURN FOUND;
END $$;

CREATE FUNCTION public.merge_customers(keep bigint, obsolete bigint) RETURNS void
  LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $$
DECLARE o uuid;
BEGIN
  SELECT a.org_id INTO o FROM public.customers a JOIN public.customers b ON b.org_id = a.org_id WHERE a.id = keep AND b.id = obsolete;
  IF o IS NULL OR NOT private.is_org_admin(o) THEN RAISE EXCEPTION 'not allowed' USING ERRCODE = '42501'; END IF;
  UPDATE public.contacts SET customer_id = keep WHERE customer_id = obsolete;
  UPDATE public.deals SET customer_id = keep WHERE customer_id = obsolete;
  DELETE FROM public.customers WHERE id = obsolete;
END $$;

CREATE FUNCTION public.org_revenue(org uuid) RETURNS numeric
  LANGUAGE sql STABLE SECURITY DEFINER SET search_path TO '' AS $$
  SELECT sum(amount) FROM public.deals WHERE org_id = org AND closed_at IS NOT NULL AND private.is_org_admin(org)
$$;

REVOKE ALL ON FUNCTION public.create_org(text), public.suspend_person(uuid, uuid), public.merge_customers(bigint, bigint), public.org_revenue(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.create_org(text), public.suspend_person(uuid, uuid), public.merge_customers(bigint, bigint), public.org_revenue(uuid) TO authenticated;

CREATE FUNCTION private.on_signup() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path TO '' AS $$
BEGIN
  INSERT INTO public.people (auth_user_id, name, email) VALUES (NEW.id, coalesce(NEW.raw_user_meta_data ->> 'name', NEW.email, 'Somebody'), NEW.email);
  RETURN NEW;
END $$;
REVOKE ALL ON FUNCTION private.on_signup() FROM PUBLIC;
CREATE TRIGGER signup AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION private.on_signup();
