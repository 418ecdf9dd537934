CREATE TYPE task_status AS ENUM ('backlog', 'todo', 'in_progress', 'done', 'cancelled');
CREATE TYPE task_priority AS ENUM ('low', 'normal', 'high', 'urgent');

CREATE TABLE projects (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id UUID NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  description TEXT,
  color TEXT DEFAULT '#888888',
  archived_at TIMESTAMPTZ,
  created_by UUID NOT NULL DEFAULT auth.uid() REFERENCES profiles(id),
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);
CREATE INDEX projects_org_idx ON projects(organization_id);

CREATE TABLE tasks (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  project_id UUID NOT NULL REFERENCES projects(id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  body TEXT,
  status task_status NOT NULL DEFAULT 'todo',
  priority task_priority NOT NULL DEFAULT 'normal',
  assignee_id UUID REFERENCES profiles(id) ON DELETE SET NULL,
  created_by UUID NOT NULL DEFAULT auth.uid() REFERENCES profiles(id),
  due_on DATE,
  deleted_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
  updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);
CREATE INDEX ON tasks(project_id);

CREATE TABLE task_comments (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  task_id BIGINT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
  author_id UUID NOT NULL DEFAULT auth.uid() REFERENCES profiles(id),
  body TEXT NOT NULL,
  edited_at TIMESTAMPTZ,
  created_at TIMESTAMPTZ NOT NULL DEFAULT NOW()
);

CREATE TABLE labels (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  organization_id UUID NOT NULL REFERENCES organizations(id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  color TEXT NOT NULL DEFAULT 'grey',
  UNIQUE (organization_id, name)
);

CREATE TABLE task_labels (
  task_id BIGINT NOT NULL REFERENCES tasks(id) ON DELETE CASCADE,
  label_id UUID NOT NULL REFERENCES labels(id) ON DELETE CASCADE,
  PRIMARY KEY (task_id, label_id)
);

ALTER TABLE projects ENABLE ROW LEVEL SECURITY;
ALTER TABLE tasks ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_comments ENABLE ROW LEVEL SECURITY;
ALTER TABLE labels ENABLE ROW LEVEL SECURITY;
ALTER TABLE task_labels ENABLE ROW LEVEL SECURITY;

-- org of a project / task, for the policies below
CREATE OR REPLACE FUNCTION project_org(_project UUID) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT organization_id FROM projects WHERE id = _project AND is_member_of(organization_id)
$$;
CREATE OR REPLACE FUNCTION task_org(_task BIGINT) RETURNS UUID
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public AS $$
  SELECT p.organization_id FROM tasks t JOIN projects p ON p.id = t.project_id
  WHERE t.id = _task AND t.deleted_at IS NULL AND is_member_of(p.organization_id)
$$;
REVOKE EXECUTE ON FUNCTION project_org(UUID) FROM PUBLIC, anon;
REVOKE EXECUTE ON FUNCTION task_org(BIGINT) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION project_org(UUID), task_org(BIGINT) TO authenticated, service_role;

CREATE POLICY projects_select ON projects FOR SELECT TO authenticated
  USING (is_member_of(organization_id));
CREATE POLICY projects_insert ON projects FOR INSERT TO authenticated
  WITH CHECK (has_org_role(organization_id, '{owner,admin,member}') AND created_by = (SELECT auth.uid()));
CREATE POLICY projects_update ON projects FOR UPDATE TO authenticated
  USING (has_org_role(organization_id, '{owner,admin}'))
  WITH CHECK (has_org_role(organization_id, '{owner,admin}'));
CREATE POLICY projects_delete ON projects FOR DELETE TO authenticated
  USING (has_org_role(organization_id, '{owner,admin}'));
REVOKE UPDATE ON projects FROM anon, authenticated;
GRANT UPDATE (name, description, color, archived_at) ON projects TO authenticated;

CREATE POLICY tasks_select ON tasks FOR SELECT TO authenticated
  USING (is_member_of(project_org(project_id)) AND deleted_at IS NULL);
CREATE POLICY tasks_insert ON tasks FOR INSERT TO authenticated
  WITH CHECK (has_org_role(project_org(project_id), '{owner,admin,member}') AND created_by = (SELECT auth.uid()));
CREATE POLICY tasks_update ON tasks FOR UPDATE TO authenticated
  USING (has_org_role(project_org(project_id), '{owner,admin,member}'))
  WITH CHECK (has_org_role(project_org(project_id), '{owner,admin,member}'));
REVOKE UPDATE, DELETE ON tasks FROM anon, authenticated;
GRANT UPDATE (title, body, status, priority, assignee_id, due_on, project_id) ON tasks TO authenticated;

CREATE POLICY comments_select ON task_comments FOR SELECT TO authenticated
  USING (is_member_of(task_org(task_id)));
CREATE POLICY comments_insert ON task_comments FOR INSERT TO authenticated
  WITH CHECK (author_id = (SELECT auth.uid()) AND has_org_role(task_org(task_id), '{owner,admin,member}'));
CREATE POLICY comments_update ON task_comments FOR UPDATE TO authenticated
  USING (author_id = (SELECT auth.uid()) AND is_member_of(task_org(task_id)))
  WITH CHECK (author_id = (SELECT auth.uid()) AND is_member_of(task_org(task_id)));
CREATE POLICY comments_delete ON task_comments FOR DELETE TO authenticated
  USING (
    (author_id = (SELECT auth.uid()) AND is_member_of(task_org(task_id)))
    OR has_org_role(task_org(task_id), '{owner,admin}')
  );
REVOKE UPDATE ON task_comments FROM anon, authenticated;
GRANT UPDATE (body, edited_at) ON task_comments TO authenticated;

CREATE POLICY labels_all ON labels FOR ALL TO authenticated
  USING (has_org_role(organization_id, '{owner,admin,member}'))
  WITH CHECK (has_org_role(organization_id, '{owner,admin,member}'));
CREATE POLICY labels_view ON labels FOR SELECT TO authenticated USING (is_member_of(organization_id));

CREATE POLICY task_labels_select ON task_labels FOR SELECT TO authenticated
  USING (is_member_of(task_org(task_id)));
CREATE POLICY task_labels_write ON task_labels FOR INSERT TO authenticated
  WITH CHECK (
    has_org_role(task_org(task_id), '{owner,admin,member}')
    AND EXISTS (SELECT 1 FROM labels l WHERE l.id = task_labels.label_id AND l.organization_id = task_org(task_labels.task_id))
  );
CREATE POLICY task_labels_remove ON task_labels FOR DELETE TO authenticated
  USING (has_org_role(task_org(task_id), '{owner,admin,member}'));
REVOKE UPDATE ON task_labels FROM anon, authenticated;

CREATE TRIGGER projects_touch BEFORE UPDATE ON projects FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER tasks_touch BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION touch_updated_at();

CREATE OR REPLACE FUNCTION soft_delete_task(p_task_id BIGINT) RETURNS VOID
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
  IF NOT COALESCE(has_org_role(task_org(p_task_id), '{owner,admin,member}'), false) THEN
    RAISE EXCEPTION 'task not found' USING ERRCODE = 'P0002';
  END IF;
  UPDATE tasks SET deleted_at = NOW() WHERE id = p_task_id;
END $$;
REVOKE EXECUTE ON FUNCTION soft_delete_task(BIGINT) FROM PUBLIC, anon;
GRANT EXECUTE ON FUNCTION soft_delete_task(BIGINT) TO authenticated;
