CREATE SCHEMA IF NOT EXISTS private;
REVOKE ALL ON SCHEMA private FROM PUBLIC;
GRANT USAGE ON SCHEMA private TO authenticated, service_role;

CREATE TABLE public.orgs (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  name text NOT NULL,
  domain text,
  created_at timestamptz NOT NULL DEFAULT now(),
  deleted_at timestamptz
);
CREATE TABLE public.people (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  auth_user_id uuid UNIQUE REFERENCES auth.users (id) ON DELETE SET NULL,
  name text NOT NULL,
  email text
);
CREATE TABLE public.org_people (
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES public.people (id) ON DELETE CASCADE,
  is_admin boolean NOT NULL DEFAULT false,
  status text NOT NULL DEFAULT 'active' CHECK (status IN ('invited', 'active', 'suspended')),
  PRIMARY KEY (org_id, person_id)
);
CREATE TABLE public.teams (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  name text NOT NULL
);
CREATE TABLE public.team_people (
  team_id uuid NOT NULL REFERENCES public.teams (id) ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES public.people (id) ON DELETE CASCADE,
  is_lead boolean NOT NULL DEFAULT false,
  PRIMARY KEY (team_id, person_id)
);
CREATE TABLE public.customers (
  id bigserial PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  company text NOT NULL,
  vat_id text,
  owner_person_id uuid REFERENCES public.people (id)
);
CREATE TABLE public.contacts (
  id bigserial PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES public.customers (id) ON DELETE CASCADE,
  name text NOT NULL,
  email text,
  phone text
);
CREATE TABLE public.deals (
  id bigserial PRIMARY KEY,
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  customer_id bigint REFERENCES public.customers (id) ON DELETE SET NULL,
  team_id uuid REFERENCES public.teams (id) ON DELETE SET NULL,
  title text NOT NULL,
  amount numeric(12, 2),
  stage text NOT NULL DEFAULT 'lead',
  closed_at timestamptz
);
CREATE TABLE public.deal_notes (
  id bigserial PRIMARY KEY,
  deal_id bigint NOT NULL REFERENCES public.deals (id) ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES public.people (id),
  body text NOT NULL,
  is_private boolean NOT NULL DEFAULT false,
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE public.documents (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  title text NOT NULL,
  content jsonb,
  visibility text NOT NULL DEFAULT 'org' CHECK (visibility IN ('org', 'admins')),
  author_person_id uuid REFERENCES public.people (id),
  updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE public.document_shares (
  document_id uuid NOT NULL REFERENCES public.documents (id) ON DELETE CASCADE,
  person_id uuid NOT NULL REFERENCES public.people (id) ON DELETE CASCADE,
  can_edit boolean NOT NULL DEFAULT false,
  PRIMARY KEY (document_id, person_id)
);
CREATE TABLE public.webhooks (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  org_id uuid NOT NULL REFERENCES public.orgs (id) ON DELETE CASCADE,
  url text NOT NULL,
  secret text NOT NULL DEFAULT encode(sha256(gen_random_uuid()::text::bytea), 'hex'),
  enabled boolean NOT NULL DEFAULT true
);
-- internal: nothing for the API
CREATE TABLE private.job_runs (
  id bigserial PRIMARY KEY,
  org_id uuid REFERENCES public.orgs (id) ON DELETE CASCADE,
  job text NOT NULL,
  ran_at timestamptz NOT NULL DEFAULT now()
);
