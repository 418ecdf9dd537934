/** What the system consists of: tables, indexes, policies, functions, and who holds which right on them. */

import { describe, expect, it } from 'vitest';
import { literal } from '../../../fixtures/wire/escape.ts';
import { collectives, posts, type Scene, scenes } from './scene.ts';

const openScene = scenes();
const tables = "('public.post_collectives'::regclass, 'public.post_collective_audit_log'::regclass)";

/** The one column of every row. */
async function list(scene: Scene, sql: string): Promise<readonly unknown[]> {
  const { rows } = await scene.owner.query(sql);
  return rows.map((row) => Object.values(row)[0]);
}

/** What the statement lists at the head. */
async function atHead(sql: string): Promise<readonly unknown[]> {
  await using scene = await openScene();
  return await list(scene, sql);
}

describe('the two tables', () => {
  it('T-POST-01 each has exactly its columns', async () => {
    expect(
      await atHead(`
        SELECT concat_ws(' ', attrelid::regclass, attname, format_type(atttypid, atttypmod), CASE WHEN attnotnull THEN 'not null' END)
        FROM pg_attribute WHERE attrelid IN ${tables} AND attnum > 0 AND NOT attisdropped
        ORDER BY attrelid::regclass::text DESC, attnum`),
    ).toEqual([
      'post_collectives id uuid not null',
      'post_collectives post_id uuid not null',
      'post_collectives collective_id uuid not null',
      'post_collectives status text not null',
      'post_collectives shared_at timestamp with time zone not null',
      'post_collectives shared_by uuid not null',
      'post_collectives metadata jsonb not null',
      'post_collectives display_order integer not null',
      'post_collectives created_at timestamp with time zone not null',
      'post_collectives updated_at timestamp with time zone not null',
      'post_collective_audit_log id uuid not null',
      'post_collective_audit_log post_id uuid',
      'post_collective_audit_log collective_id uuid',
      'post_collective_audit_log action text not null',
      'post_collective_audit_log performed_by uuid',
      'post_collective_audit_log performed_at timestamp with time zone not null',
      'post_collective_audit_log old_values jsonb',
      'post_collective_audit_log new_values jsonb',
      'post_collective_audit_log metadata jsonb not null',
    ]);
  });

  it('T-POST-01 posts and collectives take their associations along, sharers stay, and the log points nowhere', async () => {
    expect(
      await atHead(`
        SELECT conrelid::regclass || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
        WHERE conrelid IN ${tables} AND contype IN ('f', 'u', 'p') ORDER BY 1`),
    ).toEqual([
      'post_collective_audit_log PRIMARY KEY (id)',
      'post_collectives FOREIGN KEY (collective_id) REFERENCES collectives(id) ON DELETE CASCADE',
      'post_collectives FOREIGN KEY (post_id) REFERENCES posts(id) ON DELETE CASCADE',
      'post_collectives FOREIGN KEY (shared_by) REFERENCES users(id) ON DELETE RESTRICT',
      'post_collectives PRIMARY KEY (id)',
      'post_collectives UNIQUE (post_id, collective_id)',
    ]);
  });

  it('T-POST-01 not even the schema’s owner writes an entry of no known action, of a change of nothing, or without its values', async () => {
    await using scene = await openScene();
    const entry = { post_id: posts.author, collective_id: collectives.open, old_values: '{}', new_values: '{}' };
    const names = ['action', ...Object.keys(entry)];
    const log = async (action: string, over: Readonly<Record<string, string | null>> = {}) => {
      const values = [action, ...Object.values({ ...entry, ...over })];
      const sql = `INSERT INTO public.post_collective_audit_log (${names.join(', ')}) VALUES (${values.map(literal).join(', ')})`;
      return (await scene.owner.observe(sql)).error?.sqlstate ?? 'written';
    };
    const missing = [{ post_id: null }, { collective_id: null }, { old_values: null }, { new_values: null }];
    const fits = {
      created: [false, false, true, false],
      shared: [false, false, true, false],
      updated: [false, false, false, false],
      unshared: [false, false, false, false],
      deleted: [false, false, false, true],
      denied: [true, true, true, true],
      removed: null,
    };
    for (const [action, which] of Object.entries(fits)) {
      expect(await log(action), action).toBe(which ? 'written' : '23514');
      for (const [at, over] of missing.entries())
        expect(await log(action, over), `${action} ${Object.keys(over)}`).toBe(which?.[at] ? 'written' : '23514');
    }
  });

  it('T-POST-02 what is searched by is indexed', async () => {
    expect(
      await atHead(`
        SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^.* ON public\\.', '')
        FROM pg_index AS i WHERE i.indrelid IN ${tables} AND NOT i.indisprimary ORDER BY 1`),
    ).toEqual([
      'post_collective_audit_log USING btree (collective_id, performed_at DESC)',
      'post_collective_audit_log USING btree (performed_by, performed_at DESC)',
      'post_collective_audit_log USING btree (post_id, collective_id, performed_at DESC)',
      'post_collective_audit_log USING btree (post_id, performed_at DESC)',
      'post_collectives USING btree (collective_id)',
      "post_collectives USING btree (collective_id, shared_at DESC) WHERE (status = 'published'::text)",
      'post_collectives USING btree (post_id)',
      'post_collectives USING btree (post_id, collective_id)',
      'post_collectives USING btree (post_id, display_order)',
      'post_collectives USING btree (shared_at DESC)',
      'post_collectives USING btree (shared_by)',
      'post_collectives USING btree (shared_by, shared_at DESC)',
      'post_collectives USING btree (status)',
    ]);
  });

  it('T-POST-03 row security is on everywhere, and the policies are these', async () => {
    await using scene = await openScene();
    const open =
      "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND NOT relrowsecurity";
    expect(await list(scene, open)).toEqual([]);
    const policies = await list(
      scene,
      `SELECT concat_ws(' ', tablename, cmd, policyname, roles::text) FROM pg_policies
       WHERE schemaname = 'public' AND tablename LIKE 'post\\_%' ORDER BY 1`,
    );
    expect(policies).toEqual([
      'post_collective_audit_log SELECT authors read {authenticated}',
      'post_collective_audit_log SELECT owners and admins read {authenticated}',
      'post_collective_audit_log SELECT performers read {authenticated}',
      'post_collectives DELETE authors take back {authenticated}',
      'post_collectives DELETE owners and admins remove {authenticated}',
      'post_collectives DELETE sharers take back {authenticated}',
      'post_collectives INSERT authors share {authenticated}',
      'post_collectives SELECT authors read {authenticated}',
      'post_collectives SELECT everybody reads what public posts publish {anon,authenticated}',
      'post_collectives SELECT members read what is published {authenticated}',
      'post_collectives SELECT owners and admins read {authenticated}',
      'post_collectives SELECT sharers read {authenticated}',
      'post_collectives UPDATE owners and admins change {authenticated}',
      'post_collectives UPDATE sharers change {authenticated}',
    ]);
    const unchecked = "SELECT policyname FROM pg_policies WHERE cmd = 'UPDATE' AND with_check IS NULL";
    expect(await list(scene, unchecked)).toEqual([]);
  });
});

describe('functions and rights', () => {
  const signatures = `
    SELECT p.oid::regprocedure || CASE WHEN prosecdef THEN ' definer' ELSE '' END
    FROM pg_proc AS p WHERE pronamespace = 'public'::regnamespace ORDER BY 1`;

  it('T-POST-04 there are seven functions; two read with their caller’s rights', async () => {
    expect(await atHead(signatures)).toEqual([
      'can_user_post_to_collective(uuid,uuid) definer',
      'create_post_collective_associations(uuid,uuid[],jsonb) definer',
      'get_post_audit_log(uuid,integer)',
      'get_post_collective_count(uuid)',
      'get_user_postable_collectives(uuid) definer',
      'migrate_legacy_post_collectives() definer',
      'validate_collective_permissions(uuid[]) definer',
    ]);
  });

  it('T-POST-04 of the inside, what reads or writes tables runs as its owner, and nothing else', async () => {
    const definers =
      "SELECT proname FROM pg_proc WHERE pronamespace = 'posting'::regnamespace AND prosecdef ORDER BY 1";
    expect(await atHead(definers)).toEqual([
      'call_refusal',
      'collective_errors',
      'guard_association',
      'guard_removal',
      'is_trusted',
      'locked_seat',
      'log_change',
      'log_refusal',
      'log_truncation',
      'next_moment',
      'share',
    ]);
  });

  it('T-POST-04 every function pins a search_path that ends in pg_temp', async () => {
    expect(
      await atHead(`
        SELECT proname FROM pg_proc WHERE pronamespace IN ('public'::regnamespace, 'posting'::regnamespace)
        AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)`),
    ).toEqual([]);
  });

  it('T-POST-05 the API’s roles execute what they need, and nothing of the inside', async () => {
    expect(
      await atHead(`
        SELECT r || ' ' || p.proname FROM pg_proc AS p CROSS JOIN unnest('{anon,authenticated,service_role}'::text[]) AS r
        WHERE p.pronamespace IN ('public'::regnamespace, 'posting'::regnamespace)
        AND has_function_privilege(r, p.oid, 'EXECUTE') ORDER BY 1`),
    ).toEqual([
      'anon get_post_collective_count',
      'authenticated can_user_post_to_collective',
      'authenticated create_post_collective_associations',
      'authenticated get_post_audit_log',
      'authenticated get_post_collective_count',
      'authenticated get_user_postable_collectives',
      'authenticated validate_collective_permissions',
      'service_role can_user_post_to_collective',
      'service_role get_post_audit_log',
      'service_role get_post_collective_count',
      'service_role get_user_postable_collectives',
      'service_role migrate_legacy_post_collectives',
    ]);
  });

  it('T-POST-05 on the two tables they hold exactly what the policies speak of', async () => {
    expect(
      await atHead(`
        SELECT concat_ws(' ', c.relname, acl.grantee::regrole, acl.privilege_type)
        FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
        WHERE c.oid IN ${tables} AND acl.grantee::regrole::text IN ('-', 'anon', 'authenticated', 'service_role')
        ORDER BY 1`),
    ).toEqual([
      'post_collective_audit_log authenticated SELECT',
      'post_collective_audit_log service_role SELECT',
      'post_collectives anon SELECT',
      'post_collectives authenticated DELETE',
      'post_collectives authenticated SELECT',
      'post_collectives service_role DELETE',
      'post_collectives service_role SELECT',
    ]);
    const columns = `
      SELECT concat_ws(' ', acl.grantee::regrole, acl.privilege_type, string_agg(a.attname, ', ' ORDER BY a.attname))
      FROM pg_attribute AS a CROSS JOIN LATERAL aclexplode(a.attacl) AS acl
      WHERE a.attrelid IN ${tables} GROUP BY acl.grantee, acl.privilege_type ORDER BY 1`;
    expect(await atHead(columns)).toEqual([
      'authenticated INSERT collective_id, display_order, metadata, post_id, shared_by, status',
      'authenticated UPDATE display_order, metadata, status',
      'service_role INSERT collective_id, display_order, metadata, post_id, shared_by, status',
      'service_role UPDATE display_order, metadata, status',
    ]);
  });
});
