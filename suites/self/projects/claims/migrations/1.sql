create table companies (id uuid primary key default gen_random_uuid(), name text not null);
create table employees (id uuid primary key default gen_random_uuid(), company_id uuid not null references companies(id), user_id uuid unique references auth.users(id), full_name text not null, salary_cents int);
create table documents (id uuid primary key default gen_random_uuid(), company_id uuid not null references companies(id), title text not null, content text);
create function company_id() returns uuid language sql stable as $$ select (auth.jwt() -> 'app_metadata' ->> 'company_id')::uuid $$;
alter table companies enable row level security; alter table employees enable row level security; alter table documents enable row level security;
create policy c on companies for select to authenticated using (id = company_id());
create policy e on employees for select to authenticated using (company_id = company_id());
create policy d on documents for all to authenticated using (documents.company_id = company_id()) with check (documents.company_id = company_id());
