-- expect: rpc-foreign-row:call:public.org_dashboard(uuid)
create or replace function public.org_dashboard(p_org uuid) returns jsonb
language sql stable security definer set search_path = ''
as $$
  select jsonb_build_object('projects', count(distinct p.id), 'tasks', count(t.id), 'names', jsonb_agg(distinct p.name))
    from public.projects p left join public.tasks t on t.project_id = p.id and t.deleted_at is null
    where p.organization_id = p_org;
$$;
