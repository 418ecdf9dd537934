/** Who holds what: the tables that a client role may read, the functions that it may call, and as whom these run. */

import { describe, expect, it } from 'vitest';
import { readPapers } from './registry.ts';
import { scenes } from './scene.ts';

const openScene = scenes();

const everywhere = [
  'core_admin_actions',
  'core_events',
  'core_invites',
  'core_members',
  'core_migrations',
  'core_outcomes',
  'core_policies',
  'core_projection_watermarks',
  'core_projections',
  'core_rate_limits',
  'core_scopes',
  'core_snapshots',
] as const;

/** What only operations look at, and events, of which no text is told but by the timeline. */
const hidden: readonly string[] = [
  'core_admin_actions',
  'core_events',
  'core_migrations',
  'core_rate_limits',
  'core_snapshots',
];

const told = [
  'actor_id',
  'command_type',
  'deleted_at',
  'deleted_by',
  'edit_count',
  'edited_at',
  'event_seq',
  'scope_id',
  'server_time',
] as const;

/** Policies ask these of whoever reads. */
const asked = ['core.is_joined', 'core.readable_seq'] as const;

const TABLES = `
  WITH held AS (
    SELECT r.oid, r.relname::text AS name, r.relowner, r.relacl AS acl FROM pg_class AS r
    UNION ALL
    SELECT r.oid, r.relname || '.' || a.attname, r.relowner, a.attacl FROM pg_class AS r JOIN pg_attribute AS a ON a.attrelid = r.oid
  )
  SELECT held.name || ': ' || p.privilege_type || ' to ' || CASE p.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(p.grantee)::text END AS said
  FROM held JOIN pg_class AS r USING (oid) CROSS JOIN LATERAL aclexplode(held.acl) AS p
  WHERE p.grantee <> held.relowner
  AND (r.relnamespace = 'core'::regnamespace OR (r.relnamespace = 'public'::regnamespace AND r.relname LIKE 'core\\_%'))`;

const FUNCTIONS = `
  SELECT p.proname AS name, p.pronamespace::regnamespace::text || '.' || p.proname AS whole, p.prosecdef AS definer, p.proconfig AS settings,
    ARRAY(
      SELECT CASE g.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(g.grantee)::text END
      FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS g
      WHERE g.grantee <> p.proowner
    ) AS callers
  FROM pg_proc AS p
  WHERE p.pronamespace = 'core'::regnamespace OR (p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'core\\_%')
  ORDER BY 2`;

interface Routine {
  readonly name: string;
  readonly whole: string;
  readonly definer: boolean;
  readonly settings: readonly string[];
  readonly callers: readonly string[];
}

describe('rights', () => {
  it('no client role writes a table, and what it reads is this', async () => {
    await using scene = await openScene();
    const { rows } = await scene.owner.query(TABLES);
    const read = everywhere.filter((table) => !hidden.includes(table));
    expect(rows.map(({ said }) => said).toSorted()).toEqual(
      [
        ...read.map((table) => `${table}: SELECT to authenticated`),
        ...told.map((column) => `core_events.${column}: SELECT to authenticated`),
        ...everywhere.map((table) => `${table}: SELECT to service_role`),
      ].toSorted(),
    );
  });

  it('a function is called by the one role that the registry names, and inside by nobody', async () => {
    await using scene = await openScene();
    const { registry } = await readPapers();
    const { rows } = await scene.owner.query(FUNCTIONS);
    const found = (rows as unknown as readonly Routine[]).flatMap(({ name, whole, callers }) =>
      callers.map((role) => `${whole.startsWith('public.') ? name : whole} by ${role}`),
    );
    expect(found.toSorted()).toEqual(
      [
        ...registry.rpcs.map(({ name, role }) => `${name} by ${role}`),
        ...asked.map((name) => `${name} by authenticated`),
      ].toSorted(),
    );
  });

  it('every function pins its search_path, and what is called from outside alone runs as its owner', async () => {
    await using scene = await openScene();
    const { rows } = await scene.owner.query(FUNCTIONS);
    const routines = rows as unknown as readonly Routine[];
    const unpinned = routines.filter(({ settings }) => !settings?.includes('search_path=pg_catalog, pg_temp'));
    expect(unpinned.map(({ whole }) => whole)).toEqual([]);
    const called = routines.filter(({ callers }) => callers.length > 0).map(({ whole }) => whole);
    const asOwner = routines.filter(({ definer }) => definer).map(({ whole }) => whole);
    expect(asOwner).toEqual(called);
  });
});
