/** Who may do what at all, before any policy is asked. */

import { describe, expect, it } from 'vitest';
import { anon } from '../../../fixtures/act/personas.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import {
  as,
  conversations,
  create,
  openScene,
  requests,
  type Stage,
  send,
  stateOf,
  untouched,
  users,
} from './scene.ts';

const lab = fileLab();
const unchanged = untouched(lab);

describe('the privileges of messaging', () => {
  it('T-MSG-34 anon holds nothing, and authenticated what the page names', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(`
      SELECT concat_ws(' ', grantee, privilege_type, table_name, '(' || columns || ')') AS grant
      FROM (
        SELECT grantee, privilege_type, table_name, NULL AS columns
        FROM information_schema.table_privileges WHERE table_schema = 'public'
        UNION ALL
        SELECT grantee, privilege_type, table_name, string_agg(column_name, ', ' ORDER BY column_name)
        FROM information_schema.column_privileges AS c
        WHERE table_schema = 'public'
        AND NOT EXISTS (
          SELECT 1 FROM information_schema.table_privileges AS t
          WHERE (t.table_schema, t.table_name, t.grantee, t.privilege_type) = (c.table_schema, c.table_name, c.grantee, c.privilege_type)
        )
        GROUP BY grantee, privilege_type, table_name
      ) AS g
      WHERE grantee IN ('PUBLIC', 'anon', 'authenticated')
      ORDER BY 1`);
      expect(rows.map((row) => row.grant)).toEqual([
        'authenticated INSERT conversations_v2 (help_request_id, helper_id, initial_message, requester_id)',
        'authenticated INSERT help_requests (description, status, title, user_id)',
        'authenticated INSERT messages_v2 (content, conversation_id, sender_id)',
        'authenticated SELECT conversation_participants',
        'authenticated SELECT conversations',
        'authenticated SELECT conversations_v2',
        'authenticated SELECT help_requests',
        'authenticated SELECT messages',
        'authenticated SELECT messages_v2',
        'authenticated UPDATE conversations_v2 (status)',
        'authenticated UPDATE help_requests (description, status, title)',
      ]);
    }));

  it("T-MSG-34 on a whole table nothing but SELECT is granted: what row security does not cover is nobody's", () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(`
      SELECT concat_ws(' ', c.relname, acl.grantee::regrole, acl.privilege_type) AS held
      FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS acl
      WHERE c.relnamespace = 'public'::regnamespace
      AND acl.grantee IN (0, 'anon'::regrole, 'authenticated'::regrole)
      AND acl.privilege_type <> 'SELECT'`);
      expect(rows).toEqual([]);
    }));

  it('T-MSG-35 the RPCs are executable by authenticated alone, the helper functions by no API role', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(`
      SELECT r || ' ' || p.proname AS may
      FROM pg_proc AS p
      CROSS JOIN unnest(ARRAY['anon', 'authenticated', 'service_role']) AS r
      WHERE p.pronamespace = 'public'::regnamespace
      AND has_function_privilege(r, p.oid, 'EXECUTE')
      ORDER BY 1`);
      expect(rows.map((row) => row.may)).toEqual([
        'authenticated create_conversation_atomic',
        'authenticated get_conversation_v2',
        'authenticated send_message_v2',
      ]);
    }));

  it('T-MSG-35 neither of the two grants that a function has by default is left', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(`
      SELECT DISTINCT grantee::regrole::text AS grantee
      FROM pg_proc CROSS JOIN LATERAL aclexplode(coalesce(proacl, acldefault('f', proowner))) AS acl
      WHERE pronamespace = 'public'::regnamespace
      -- On a server whose superuser has another name, the platform's postgres is not the owner.
      AND grantee::regrole::text NOT IN (proowner::regrole::text, 'postgres')`);
      expect(rows).toEqual([{ grantee: 'authenticated' }]);
      expect(await create(scene, anon(), requests.open, users.helper, 'A proper first message')).toEqual({
        sqlstate: '42501',
      });
      expect(await send(scene, anon(), conversations.first, users.helper, 'hello')).toEqual({ sqlstate: '42501' });
    }));

  it('T-MSG-36 every function pins a search_path that ends in pg_temp', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(`
      SELECT proname FROM pg_proc
      WHERE pronamespace = 'public'::regnamespace
      AND NOT coalesce(proconfig @> ARRAY['search_path=pg_catalog, pg_temp'], false)`);
      expect(rows).toEqual([]);
    }));

  it('T-MSG-36 a temporary table in the place of help_requests fools the caller-check stage and not the head', async () => {
    expect(await openedByShadow('callerCheck')).toBe(1);
    expect(await openedByShadow('head')).toBe(0);
  });
});

/** Conversations about a cancelled request that a helper opens by a temporary board on which it is open. */
async function openedByShadow(stage: Stage): Promise<number> {
  await using scene = await openScene(lab, stage);
  await scene.caller.script(shadowed());
  const { conversations_v2: rows = [] } = await stateOf(scene, 'conversations_v2');
  return rows.filter((row) => row.help_request_id === requests.cancelled).length;
}

function shadowed(): string {
  const claims = as.helper.settings.map(({ name, value }) => `set_config(${literal(name)}, ${literal(value)}, true)`);
  return `BEGIN;
    SELECT ${claims.join(', ')};
    SET LOCAL ROLE authenticated;
    CREATE TEMPORARY TABLE help_requests (id uuid, user_id uuid, status text) ON COMMIT DROP;
    INSERT INTO help_requests VALUES (${literal(requests.cancelled)}, ${literal(users.stranger)}, 'open');
    SELECT public.create_conversation_atomic(${literal(requests.cancelled)}, ${literal(users.helper)}, 'A proper first message');
    COMMIT`;
}
