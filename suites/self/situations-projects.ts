/** Small projects whose policies ask for situations that no made-up row is in. */

/** States of a row, of what it hangs below, and of the caller. */
export const SHOPS = `
CREATE TABLE public.profiles (
  id uuid PRIMARY KEY REFERENCES auth.users (id),
  role text NOT NULL DEFAULT 'buyer' CHECK (role IN ('buyer', 'seller', 'moderator')),
  banned boolean NOT NULL DEFAULT false
);
CREATE TABLE public.shops (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES public.profiles (id),
  is_published boolean NOT NULL DEFAULT false
);
CREATE TABLE public.products (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  shop_id uuid NOT NULL REFERENCES public.shops (id),
  title text NOT NULL,
  state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'live', 'sold')),
  deleted_at timestamptz
);
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.shops ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.products ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.profiles, public.shops, public.products FROM anon, authenticated;
GRANT INSERT ON public.shops TO authenticated;
GRANT SELECT, DELETE ON public.products TO authenticated;
CREATE FUNCTION public.is_moderator() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.profiles WHERE id = auth.uid() AND role = 'moderator' AND NOT banned) $$;
CREATE FUNCTION public.is_published(shop uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.shops WHERE id = shop AND is_published) $$;
CREATE FUNCTION public.is_seller() RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.profiles WHERE id = auth.uid() AND role = 'seller') $$;
REVOKE ALL ON FUNCTION public.is_moderator(), public.is_published(uuid), public.is_seller() FROM PUBLIC, anon;
CREATE POLICY shown ON public.products FOR SELECT TO authenticated
  USING (state IN ('live', 'sold') AND deleted_at IS NULL AND public.is_published(shop_id));
CREATE POLICY moderated ON public.products FOR SELECT TO authenticated USING (public.is_moderator());
CREATE POLICY removed ON public.products FOR DELETE TO authenticated USING (public.is_moderator() AND state <> 'sold');
CREATE POLICY opened ON public.shops FOR INSERT TO authenticated WITH CHECK (owner_id = auth.uid() AND public.is_seller());`;

/** One made-up person is buyer and seller of every order. */
export const ORDERS = `
CREATE TABLE public.stores (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL REFERENCES auth.users (id));
CREATE TABLE public.orders (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  buyer_id uuid NOT NULL REFERENCES auth.users (id),
  store_id uuid NOT NULL REFERENCES public.stores (id),
  status text NOT NULL DEFAULT 'placed' CHECK (status IN ('placed', 'paid'))
);
CREATE TABLE public.disputes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  order_id uuid NOT NULL REFERENCES public.orders (id),
  reason text NOT NULL
);
CREATE TABLE public.praise (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  author_id uuid NOT NULL REFERENCES auth.users (id),
  body text NOT NULL
);
ALTER TABLE public.stores ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.disputes ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.praise ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.stores, public.orders, public.disputes, public.praise FROM anon, authenticated;
GRANT SELECT ON public.stores, public.orders TO authenticated;
GRANT INSERT ON public.disputes, public.praise TO authenticated;
CREATE POLICY own ON public.stores FOR SELECT TO authenticated USING (owner_id = auth.uid());
CREATE POLICY bought ON public.orders FOR SELECT TO authenticated USING (buyer_id = auth.uid());
CREATE POLICY sold ON public.orders FOR SELECT TO authenticated
  USING (EXISTS (SELECT 1 FROM public.stores AS s WHERE s.id = store_id AND s.owner_id = auth.uid()));
CREATE POLICY disputed ON public.disputes FOR INSERT TO authenticated
  WITH CHECK (EXISTS (SELECT 1 FROM public.orders AS o WHERE o.id = order_id AND o.buyer_id = auth.uid()));
CREATE POLICY praised ON public.praise FOR INSERT TO authenticated
  WITH CHECK (author_id = auth.uid() AND EXISTS (SELECT 1 FROM public.orders AS o WHERE o.buyer_id = auth.uid() AND o.status = 'paid'));`;

/** Files lie in folders called like teams. */
export const FOLDERS = `
CREATE TABLE public.teams (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), owner_id uuid NOT NULL REFERENCES auth.users (id));
ALTER TABLE public.teams ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.teams FROM anon, authenticated;
CREATE FUNCTION public.owns_team(team uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.teams WHERE id = team AND owner_id = auth.uid()) $$;
REVOKE ALL ON FUNCTION public.owns_team(uuid) FROM PUBLIC, anon;
INSERT INTO storage.buckets (id, name) VALUES ('plans', 'plans'), ('notes', 'notes');
CREATE POLICY plans ON storage.objects FOR SELECT TO authenticated
  USING (bucket_id = 'plans' AND public.owns_team(((storage.foldername(name))[1])::uuid));`;

/** Whoever left a group sees none of its notes. */
export const NOTES = `
CREATE TABLE public.groups (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), name text NOT NULL);
CREATE TABLE public.seats (
  group_id uuid NOT NULL REFERENCES public.groups (id),
  user_id uuid NOT NULL REFERENCES auth.users (id),
  PRIMARY KEY (group_id, user_id)
);
CREATE TABLE public.notes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  group_id uuid NOT NULL REFERENCES public.groups (id),
  author_id uuid NOT NULL REFERENCES auth.users (id),
  body text NOT NULL
);
ALTER TABLE public.groups ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.seats ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.groups, public.seats, public.notes FROM anon, authenticated;
GRANT SELECT, DELETE ON public.notes TO authenticated;
CREATE FUNCTION public.sits_in(place uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
  AS $$ SELECT EXISTS (SELECT 1 FROM public.seats WHERE group_id = place AND user_id = auth.uid()) $$;
REVOKE ALL ON FUNCTION public.sits_in(uuid) FROM PUBLIC, anon;
CREATE POLICY shown ON public.notes FOR SELECT TO authenticated USING (public.sits_in(group_id));
CREATE POLICY taken ON public.notes FOR DELETE TO authenticated USING (author_id = auth.uid() AND public.sits_in(group_id));`;

/** A routine that works in some states of the row that it names. */
export const CALLS = `
CREATE TABLE public.offers (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id),
  status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'held', 'closed'))
);
ALTER TABLE public.offers ENABLE ROW LEVEL SECURITY;
REVOKE ALL ON public.offers FROM anon, authenticated;
CREATE FUNCTION public.close_offer(p_offer uuid) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM public.offers WHERE id = p_offer AND owner_id = auth.uid() AND status IN ('open', 'held'))
  THEN RAISE EXCEPTION 'not open' USING ERRCODE = '42501'; END IF;
  UPDATE public.offers SET status = 'closed' WHERE id = p_offer;
END $$;
REVOKE ALL ON FUNCTION public.close_offer(uuid) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION public.close_offer(uuid) TO authenticated;`;
