-- Deny by default: row security on and forced everywhere, reads by joined membership, no write for any client role.

ALTER TABLE public.core_scopes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_policies ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_events ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_outcomes ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.outcomes_hot ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.outcomes_archive ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_members ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_invites ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_snapshots ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_migrations ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_projections ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_projection_watermarks ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_admin_actions ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE public.core_rate_limits ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.settings ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
ALTER TABLE core.breakers ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- As its definer: a policy on core_members cannot ask core_members.
CREATE FUNCTION core.is_joined(p_scope uuid) RETURNS boolean
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN EXISTS (
    SELECT 1
    FROM public.core_members AS member
    WHERE member.scope_id = p_scope
    AND member.user_id = auth.uid()
    AND member.state = 'joined'
  );
END
$$;

-- The last event that members see: none in maintenance_full, and in read_only_safe what the last snapshot holds.
CREATE FUNCTION core.visible_seq(p_scope uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
  v_mode text;
  v_max_seq bigint;
BEGIN
  SELECT scope.system_mode, scope.scope_max_seq
  INTO v_mode, v_max_seq
  FROM public.core_scopes AS scope
  WHERE scope.id = p_scope;
  IF v_mode = 'maintenance_full' THEN
    RETURN 0;
  ELSIF
    -- guard: stable-view
    v_mode = 'read_only_safe'
    -- guard: stable-view
  THEN
    RETURN (SELECT max(snapshot.snapshot_seq) FROM public.core_snapshots AS snapshot WHERE snapshot.scope_id = p_scope);
  END IF;
  RETURN v_max_seq;
END
$$;

-- The last event that the caller sees.
CREATE FUNCTION core.readable_seq(p_scope uuid) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
  RETURN CASE WHEN core.is_joined(p_scope) THEN core.visible_seq(p_scope) ELSE 0 END;
END
$$;

REVOKE ALL ON FUNCTION core.is_joined(uuid), core.readable_seq(uuid) FROM PUBLIC;
GRANT USAGE ON SCHEMA core TO authenticated;
GRANT EXECUTE ON FUNCTION core.is_joined(uuid), core.readable_seq(uuid) TO authenticated;

CREATE POLICY "members read" ON public.core_scopes FOR SELECT TO authenticated USING (core.is_joined(id));
CREATE POLICY "members read" ON public.core_policies FOR SELECT TO authenticated USING (core.is_joined(scope_id));
CREATE POLICY "members read" ON public.core_members FOR SELECT TO authenticated USING (core.is_joined(scope_id));
CREATE POLICY "members read" ON public.core_projection_watermarks FOR SELECT TO authenticated USING (core.is_joined(scope_id));
CREATE POLICY "members read" ON public.core_events FOR SELECT TO authenticated USING (event_seq <= core.readable_seq(scope_id));
CREATE POLICY "actors read" ON public.core_outcomes FOR SELECT TO authenticated USING (actor_id = (SELECT auth.uid()));
CREATE POLICY "members read their own" ON public.core_projections FOR SELECT TO authenticated
USING (user_id = (SELECT auth.uid()) AND core.is_joined(scope_id));
CREATE POLICY "invited read" ON public.core_invites FOR SELECT TO authenticated USING (invited_user_id = (SELECT auth.uid()));

-- The policies of core_outcomes do not hold for who names a partition: nobody may.
REVOKE ALL ON core.outcomes_hot, core.outcomes_archive, core.settings, core.breakers
FROM PUBLIC, anon, authenticated, service_role;

GRANT SELECT ON
  public.core_scopes, public.core_policies, public.core_outcomes, public.core_members, public.core_invites,
  public.core_projections, public.core_projection_watermarks
TO authenticated;

-- What an event says is told by the timeline, within its limits and without what was deleted.
GRANT SELECT (scope_id, event_seq, actor_id, command_type, server_time, edited_at, edit_count, deleted_at, deleted_by)
ON public.core_events
TO authenticated;

GRANT SELECT ON
  public.core_scopes, public.core_policies, public.core_events, public.core_outcomes, public.core_members, public.core_invites,
  public.core_snapshots, public.core_migrations, public.core_projections, public.core_projection_watermarks,
  public.core_admin_actions, public.core_rate_limits
TO service_role;
