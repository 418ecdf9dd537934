-- clinics and the people who work in them
create type public.staff_role as enum ('doctor', 'nurse', 'reception', 'admin');

create table public.clinics (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  city text,
  created_at timestamptz not null default now()
);

create table public.profiles (
  id uuid primary key references auth.users (id) on delete cascade,
  full_name text not null,
  phone text,
  updated_at timestamptz not null default now()
);

create table public.clinic_staff (
  clinic_id uuid not null references public.clinics (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.staff_role not null default 'nurse',
  joined_at timestamptz not null default now(),
  primary key (clinic_id, user_id)
);

create table public.practitioners (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references auth.users (id) on delete cascade,
  clinic_id uuid not null references public.clinics (id),
  license_no text not null unique,
  specialty text,
  active boolean not null default true
);

create table public.patients (
  id uuid primary key default gen_random_uuid(),
  user_id uuid unique references auth.users (id) on delete set null,
  clinic_id uuid not null references public.clinics (id),
  full_name text not null,
  date_of_birth date not null,
  insurance_no text,
  created_at timestamptz not null default now()
);

create table public.care_relationships (
  id uuid primary key default gen_random_uuid(),
  patient_id uuid not null references public.patients (id) on delete cascade,
  practitioner_id uuid not null references public.practitioners (id) on delete cascade,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (patient_id, practitioner_id)
);

alter table public.clinics enable row level security;
alter table public.profiles enable row level security;
alter table public.clinic_staff enable row level security;
alter table public.practitioners enable row level security;
alter table public.patients enable row level security;
alter table public.care_relationships enable row level security;
