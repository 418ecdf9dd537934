/** Tables that the planted holes of several attacks are made in. */

/** One table with an owner; row security on, no policy yet. */
export const NOTES = `
CREATE TABLE public.notes (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  body text NOT NULL
);
ALTER TABLE public.notes ENABLE ROW LEVEL SECURITY;`;

/** Its owner may do everything with a note. */
export const OWN_NOTES = `
CREATE POLICY "own notes" ON public.notes
  TO authenticated
  USING (owner_id = auth.uid())
  WITH CHECK (owner_id = auth.uid());`;

/** A login role, made once: roles belong to the whole server. `name` is a constant of a plant. */
export function login(name: string): string {
  return `DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '${name}') THEN
    CREATE ROLE ${name} LOGIN;
  END IF;
END
$$;`;
}

/** A plain project: a tenant is named by a setting, and one role is subject to the policy. */
export const TENANTS = `
${login('plant_app')}
GRANT USAGE ON SCHEMA public TO plant_app;
CREATE TABLE public.items (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  tenant_key text NOT NULL,
  body text NOT NULL
);
ALTER TABLE public.items ENABLE ROW LEVEL SECURITY;
GRANT SELECT, INSERT, UPDATE, DELETE ON public.items TO plant_app;`;

/** Rows that a sequence numbers, each its owner's. */
export const NUMBERED = `
CREATE TABLE public.invoices (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  owner_id uuid NOT NULL DEFAULT auth.uid() REFERENCES auth.users (id),
  label text
);
ALTER TABLE public.invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.invoices TO authenticated USING (owner_id = auth.uid());`;
