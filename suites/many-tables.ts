/** A project of any size, as teams write them: organisations with members, documents below them, items below those, own notes. */

/** @returns SQL of one migration with `tables` tables, and nearly three policies for each. */
export function manyTables(tables: number): string {
  const groups = Math.ceil(tables / 12);
  const rest = tables - 2 * groups - 1;
  return [
    PROFILES,
    ...Array.from({ length: groups }, (_, at) => organisation(at)),
    ...Array.from({ length: rest }, (_, at) => TABLES[at % TABLES.length]?.(at, at % groups) ?? ''),
  ].join('\n');
}

const ME = '(SELECT auth.uid())';

const PROFILES = `
CREATE SCHEMA IF NOT EXISTS private;
GRANT USAGE ON SCHEMA private TO authenticated;
CREATE TABLE public.profiles (
  id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  display_name text NOT NULL,
  bio text
);
ALTER TABLE public.profiles ENABLE ROW LEVEL SECURITY;
CREATE POLICY "Profiles are viewable by everyone" ON public.profiles FOR SELECT USING (true);
CREATE POLICY "own profile is made" ON public.profiles FOR INSERT TO authenticated WITH CHECK (id = ${ME});
CREATE POLICY "own profile is changed" ON public.profiles FOR UPDATE TO authenticated USING (id = ${ME}) WITH CHECK (id = ${ME});`;

function organisation(at: number): string {
  return `
CREATE TABLE public.orgs_${at} (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE public.org_${at}_members (
  org_id uuid NOT NULL REFERENCES public.orgs_${at} (id) ON DELETE CASCADE,
  user_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  role text NOT NULL DEFAULT 'member' CHECK (role IN ('owner', 'admin', 'member')),
  PRIMARY KEY (org_id, user_id)
);
ALTER TABLE public.orgs_${at} ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.org_${at}_members ENABLE ROW LEVEL SECURITY;
CREATE FUNCTION private.is_member_${at}(org uuid) RETURNS boolean LANGUAGE sql STABLE SECURITY DEFINER SET search_path = ''
AS $$ SELECT EXISTS (SELECT FROM public.org_${at}_members AS m WHERE m.org_id = org AND m.user_id = ${ME}) $$;
CREATE POLICY "members see it" ON public.orgs_${at} FOR SELECT TO authenticated USING (private.is_member_${at}(id));
CREATE POLICY "members see members" ON public.org_${at}_members FOR SELECT TO authenticated USING (private.is_member_${at}(org_id));
REVOKE INSERT, UPDATE, DELETE ON public.orgs_${at}, public.org_${at}_members FROM anon, authenticated;`;
}

const TABLES: readonly ((at: number, group: number) => string)[] = [
  (at) => `
CREATE TABLE public.notes_${at} (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id) ON DELETE CASCADE,
  title text NOT NULL,
  body text,
  done boolean NOT NULL DEFAULT false,
  created_at timestamptz DEFAULT now()
);
ALTER TABLE public.notes_${at} ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON public.notes_${at} FOR SELECT TO authenticated USING (owner_id = ${ME});
CREATE POLICY i ON public.notes_${at} FOR INSERT TO authenticated WITH CHECK (owner_id = ${ME});
CREATE POLICY u ON public.notes_${at} FOR UPDATE TO authenticated USING (owner_id = ${ME}) WITH CHECK (owner_id = ${ME});
CREATE POLICY d ON public.notes_${at} FOR DELETE TO authenticated USING (owner_id = ${ME});`,
  (at, group) => `
CREATE TABLE public.docs_${at} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES public.orgs_${group} (id) ON DELETE CASCADE,
  created_by uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id),
  title text NOT NULL,
  amount numeric(10, 2) NOT NULL DEFAULT 0,
  status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'open', 'closed'))
);
ALTER TABLE public.docs_${at} ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON public.docs_${at} FOR SELECT TO authenticated USING (private.is_member_${group}(org_id));
CREATE POLICY i ON public.docs_${at} FOR INSERT TO authenticated
  WITH CHECK (private.is_member_${group}(org_id) AND created_by = ${ME});
CREATE POLICY u ON public.docs_${at} FOR UPDATE TO authenticated
  USING (private.is_member_${group}(org_id) AND created_by = ${ME})
  WITH CHECK (private.is_member_${group}(org_id) AND created_by = ${ME});`,
  (at) => `
CREATE TABLE public.items_${at} (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  doc_id bigint NOT NULL REFERENCES public.docs_${at - 1} (id) ON DELETE CASCADE,
  body text NOT NULL,
  qty int NOT NULL DEFAULT 1
);
ALTER TABLE public.items_${at} ENABLE ROW LEVEL SECURITY;
CREATE POLICY s ON public.items_${at} FOR SELECT TO authenticated
  USING (EXISTS (SELECT FROM public.docs_${at - 1} AS d WHERE d.id = doc_id));
CREATE POLICY i ON public.items_${at} FOR INSERT TO authenticated
  WITH CHECK (EXISTS (SELECT FROM public.docs_${at - 1} AS d WHERE d.id = doc_id AND d.created_by = ${ME}));
CREATE POLICY d ON public.items_${at} FOR DELETE TO authenticated
  USING (EXISTS (SELECT FROM public.docs_${at - 1} AS d WHERE d.id = doc_id AND d.created_by = ${ME}));`,
];
