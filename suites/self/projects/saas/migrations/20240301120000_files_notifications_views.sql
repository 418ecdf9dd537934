create table public.attachments (
  id uuid primary key default gen_random_uuid(),
  task_id bigint not null references public.tasks (id) on delete cascade,
  uploaded_by uuid not null default auth.uid() references public.profiles (id),
  storage_path text not null,
  size_bytes bigint,
  created_at timestamptz not null default now()
);
create table public.notifications (
  id bigserial primary key,
  user_id uuid not null references public.profiles (id) on delete cascade,
  kind text not null,
  payload jsonb not null default '{}'::jsonb,
  read_at timestamptz,
  created_at timestamptz not null default now()
);
create table public.plans (
  id text primary key,
  name text not null,
  monthly_cents integer not null,
  is_active boolean not null default true
);
create table public.subscriptions (
  id uuid primary key default gen_random_uuid(),
  organization_id uuid not null unique references public.organizations (id) on delete cascade,
  plan_id text not null references public.plans (id),
  stripe_customer_id text,
  status text not null default 'trialing',
  current_period_end timestamptz
);
alter table public.attachments enable row level security;
alter table public.notifications enable row level security;
alter table public.plans enable row level security;
alter table public.subscriptions enable row level security;

create policy "members see attachments" on public.attachments for select to authenticated
  using (public.is_member_of(public.task_org(task_id)));
create policy "editors add attachments" on public.attachments for insert to authenticated
  with check (uploaded_by = (select auth.uid()) and public.has_org_role(public.task_org(task_id), '{owner,admin,member}'));
create policy "uploader removes attachments" on public.attachments for delete to authenticated
  using (uploaded_by = (select auth.uid()) and public.is_member_of(public.task_org(task_id)));
revoke update on public.attachments from anon, authenticated;

create policy "own notifications" on public.notifications for select to authenticated using (user_id = (select auth.uid()));
create policy "mark own notifications" on public.notifications for update to authenticated
  using (user_id = (select auth.uid())) with check (user_id = (select auth.uid()));
create policy "dismiss own notifications" on public.notifications for delete to authenticated using (user_id = (select auth.uid()));
revoke insert, update on public.notifications from anon, authenticated;
grant update (read_at) on public.notifications to authenticated;

create policy "Plans are public" on public.plans for select to anon, authenticated using (true);
revoke insert, update, delete on public.plans from anon, authenticated;

create policy "admins see the subscription" on public.subscriptions for select to authenticated
  using (public.has_org_role(organization_id, '{owner,admin}'));
revoke insert, update, delete on public.subscriptions from anon, authenticated;

create function private.notify_assignee() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  if new.assignee_id is not null and new.assignee_id is distinct from auth.uid()
     and exists (
       select 1 from public.memberships m join public.projects p on p.organization_id = m.organization_id
       where p.id = new.project_id and m.user_id = new.assignee_id and m.removed_at is null
     ) then
    insert into public.notifications (user_id, kind, payload)
    values (new.assignee_id, 'task_assigned', jsonb_build_object('task_id', new.id));
  end if;
  return new;
end;
$$;
create trigger tasks_notify after insert or update of assignee_id on public.tasks
  for each row execute function private.notify_assignee();

create view public.my_open_tasks with (security_invoker = true) as
  select t.id, t.title, t.status, t.due_on, p.name as project_name, p.organization_id
  from public.tasks t join public.projects p on p.id = t.project_id
  where t.assignee_id = auth.uid() and t.status not in ('done', 'cancelled');

create view public.project_stats with (security_invoker = on) as
  select p.id as project_id, p.organization_id, count(t.id) as tasks, count(*) filter (where t.status = 'done') as done
  from public.projects p left join public.tasks t on t.project_id = p.id
  group by p.id;

insert into public.plans (id, name, monthly_cents) values ('free', 'Free', 0), ('team', 'Team', 1900)
on conflict do nothing;

insert into storage.buckets (id, name, public) values ('attachments', 'attachments', false) on conflict do nothing;
create policy "org members read attachments" on storage.objects for select to authenticated
  using (bucket_id = 'attachments' and public.is_member_of(((storage.foldername(name))[1])::uuid));
create policy "org editors upload attachments" on storage.objects for insert to authenticated
  with check (bucket_id = 'attachments' and public.has_org_role(((storage.foldername(name))[1])::uuid, '{owner,admin,member}'));
create policy "uploaders delete attachments" on storage.objects for delete to authenticated
  using (bucket_id = 'attachments' and owner = (select auth.uid()) and public.is_member_of(((storage.foldername(name))[1])::uuid));

create function public.search_tasks(p_org uuid, p_query text)
returns setof public.tasks
language sql stable security invoker set search_path = ''
as $$
  select t.* from public.tasks t join public.projects p on p.id = t.project_id
  where p.organization_id = p_org and t.title ilike '%' || p_query || '%'
  order by t.created_at desc limit 50;
$$;

create function public.org_dashboard(p_org uuid) returns jsonb
language plpgsql stable security definer set search_path = ''
as $$
begin
  if not public.is_member_of(p_org) then
    raise exception 'forbidden' using errcode = '42501';
  end if;
  return (select jsonb_build_object('projects', count(distinct p.id), 'tasks', count(t.id), 'names', jsonb_agg(distinct p.name))
    from public.projects p left join public.tasks t on t.project_id = p.id and t.deleted_at is null
    where p.organization_id = p_org);
end;
$$;
revoke execute on function public.org_dashboard(uuid) from public, anon;
grant execute on function public.org_dashboard(uuid) to authenticated;
