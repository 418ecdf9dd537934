create table polls (id uuid primary key default gen_random_uuid(), owner uuid not null default auth.uid() references auth.users, question text not null, closes_at timestamptz, is_private boolean not null default true);
create table options (id uuid primary key default gen_random_uuid(), poll_id uuid not null references polls on delete cascade, label text not null, unique (poll_id, label));
create table poll_invites (poll_id uuid references polls on delete cascade, user_id uuid references auth.users on delete cascade, primary key (poll_id, user_id));
create table votes (poll_id uuid not null references polls on delete cascade, option_id uuid not null references options on delete cascade, voter_id uuid not null default auth.uid() references auth.users, created_at timestamptz not null default now(), primary key (poll_id, voter_id));
create function can_see_poll(p uuid) returns boolean language sql stable security definer set search_path = public, pg_temp as $$ select exists (select 1 from polls where id = p and (owner = auth.uid() or not is_private)) or exists (select 1 from poll_invites where poll_id = p and user_id = auth.uid()) $$;
create function owns_poll(p uuid) returns boolean language sql stable security definer set search_path = public, pg_temp as $$ select exists (select 1 from polls where id = p and owner = auth.uid()) $$;
alter table polls enable row level security; alter table options enable row level security; alter table poll_invites enable row level security; alter table votes enable row level security;
create policy p1 on polls for select to authenticated using (owner = auth.uid() or not is_private or can_see_poll(id));
create policy p2 on polls for insert to authenticated with check (owner = auth.uid());
create policy p3 on polls for update to authenticated using (owner = auth.uid()) with check (owner = auth.uid());
create policy o1 on options for select to authenticated using (can_see_poll(poll_id));
create policy o2 on options for all to authenticated using (owns_poll(poll_id)) with check (owns_poll(poll_id));
create policy i1 on poll_invites for select to authenticated using (user_id = auth.uid() or owns_poll(poll_id));
create policy i2 on poll_invites for insert to authenticated with check (owns_poll(poll_id));
create policy i3 on poll_invites for delete to authenticated using (owns_poll(poll_id));
create policy v1 on votes for select to authenticated using (voter_id = auth.uid());
create policy v2 on votes for insert to authenticated with check (voter_id = auth.uid() and can_see_poll(poll_id) and exists (select 1 from options o where o.id = option_id and o.poll_id = votes.poll_id));
create function vote(p_option uuid) returns void language plpgsql security invoker as $$
declare p uuid;
begin
  select poll_id into p from options where id = p_option;
  if p is null then raise exception 'no such option' using errcode = 'P0002'; end if;
  insert into votes (poll_id, option_id) values (p, p_option);
end $$;
create function results(p_poll uuid) returns table (label text, votes bigint) language sql stable security definer set search_path = public, pg_temp as $$
  select o.label, count(v.voter_id) from options o left join votes v on v.option_id = o.id where o.poll_id = p_poll and can_see_poll(p_poll) group by o.id, o.label $$;
