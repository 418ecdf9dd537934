create table public.schools (
  id bigint generated always as identity primary key,
  name text not null,
  join_code text not null unique default substr(md5(gen_random_uuid()::text), 1, 8),
  created_at timestamptz not null default now()
);

create table public.users (
  id uuid primary key references auth.users (id) on delete cascade,
  first_name text,
  last_name text,
  email text
);

create table public.teachers (
  id bigint generated always as identity primary key,
  school_id bigint not null references public.schools (id) on delete cascade,
  user_id uuid not null references public.users (id) on delete cascade,
  is_principal boolean not null default false,
  left_on date,
  unique (school_id, user_id)
);

create table public.students (
  id bigint generated always as identity primary key,
  school_id bigint not null references public.schools (id) on delete cascade,
  user_id uuid unique references public.users (id) on delete set null,
  full_name text not null,
  birthdate date,
  notes text
);

create table public.guardians (
  student_id bigint not null references public.students (id) on delete cascade,
  parent_id uuid not null references public.users (id) on delete cascade,
  relation text not null default 'parent',
  confirmed_at timestamptz,
  primary key (student_id, parent_id)
);

create table public.classes (
  id bigint generated always as identity primary key,
  school_id bigint not null references public.schools (id) on delete cascade,
  title text not null,
  term text,
  archived boolean not null default false
);

create table public.class_teachers (
  class_id bigint not null references public.classes (id) on delete cascade,
  teacher_id bigint not null references public.teachers (id) on delete cascade,
  primary key (class_id, teacher_id)
);

create table public.enrolments (
  id bigint generated always as identity primary key,
  class_id bigint not null references public.classes (id) on delete cascade,
  student_id bigint not null references public.students (id) on delete cascade,
  withdrawn_at timestamptz,
  unique (class_id, student_id)
);

create table public.assignments (
  id bigint generated always as identity primary key,
  class_id bigint not null references public.classes (id) on delete cascade,
  title text not null,
  instructions text,
  due_at timestamptz,
  published boolean not null default false
);

create table public.submissions (
  id bigint generated always as identity primary key,
  assignment_id bigint not null references public.assignments (id) on delete cascade,
  student_id bigint not null references public.students (id) on delete cascade,
  content text,
  file_path text,
  submitted_at timestamptz,
  unique (assignment_id, student_id)
);

create table public.grades (
  submission_id bigint primary key references public.submissions (id) on delete cascade,
  points numeric(5, 2) not null,
  feedback text,
  graded_by bigint references public.teachers (id),
  released boolean not null default false,
  graded_at timestamptz not null default now()
);

create table public.announcements (
  id bigint generated always as identity primary key,
  school_id bigint not null references public.schools (id) on delete cascade,
  author_id uuid not null default auth.uid() references public.users (id),
  body text not null,
  created_at timestamptz not null default now()
);

create table public.attendance (
  class_id bigint not null references public.classes (id) on delete cascade,
  student_id bigint not null references public.students (id) on delete cascade,
  day date not null default current_date,
  present boolean not null,
  primary key (class_id, student_id, day)
);
