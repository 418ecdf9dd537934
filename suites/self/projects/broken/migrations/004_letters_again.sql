-- fails: made twice
create table public.letters (id uuid primary key, body text);
