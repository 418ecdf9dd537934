/** The five verification queries of the rollout. */

import { describe, expect, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import { openScene, type Scene, type Stage, untouched } from './scene.ts';

const lab = fileLab();
const unchanged = untouched(lab);
const v2Stages: readonly Stage[] = ['base', 'callerCheck', 'head'];

describe('the schema of messaging V2', () => {
  it('T-MSG-01 conversations_v2 has 8 columns and messages_v2 has 6', () =>
    unchanged(async (scene) => {
      const columns = await list(
        scene,
        `SELECT table_name || '.' || column_name FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name IN ('conversations_v2', 'messages_v2')
       ORDER BY table_name, ordinal_position`,
      );
      expect(columns).toEqual([
        ...[
          'id',
          'help_request_id',
          'requester_id',
          'helper_id',
          'initial_message',
          'status',
          'created_at',
          'updated_at',
        ].map((name) => `conversations_v2.${name}`),
        ...['id', 'conversation_id', 'sender_id', 'content', 'created_at', 'updated_at'].map(
          (name) => `messages_v2.${name}`,
        ),
      ]);
    }));

  it('T-MSG-02 three functions return jsonb as their definer and compare an argument with the caller', () =>
    unchanged(async (scene) => {
      const { rows } = await scene.owner.query(
        `SELECT proname, prorettype::regtype::text AS returns, prosecdef AS definer, prosrc AS body
       FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prorettype = 'jsonb'::regtype ORDER BY proname`,
      );
      expect(rows.map(({ proname, returns, definer }) => [proname, returns, definer])).toEqual([
        ['create_conversation_atomic', 'jsonb', true],
        ['get_conversation_v2', 'jsonb', true],
        ['send_message_v2', 'jsonb', true],
      ]);
      for (const { body } of rows) expect(body).toMatch(/p_(helper|sender|user)_id IS DISTINCT FROM auth\.uid\(\)/);
    }));

  it('T-MSG-02 beside them the two second looks behind a lock run as their definer, and no other function does', () =>
    unchanged(async (scene) => {
      const definers = await list(
        scene,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef ORDER BY 1",
      );
      expect(definers).toEqual([
        'create_conversation_atomic',
        'get_conversation_v2',
        'recheck_conversation_v2',
        'recheck_request_v2',
        'send_message_v2',
      ]);
    }));

  it('T-MSG-02 the bodies name the caller from the caller-check stage on, and not before', async () => {
    const naming = async (stage: Stage) => {
      await using scene = await openScene(lab, stage);
      return await list(
        scene,
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosrc LIKE '%auth.uid()%' ORDER BY 1",
      );
    };
    expect(await naming('base')).toEqual([]);
    expect(await naming('callerCheck')).toEqual([
      'create_conversation_atomic',
      'get_conversation_v2',
      'send_message_v2',
    ]);
  });

  it('T-MSG-03 there are 8 secondary indexes on the columns that are searched', () =>
    unchanged(async (scene) => {
      const indexes = await list(
        scene,
        `SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^.* ON public\\.', '')
       FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid AND c.contype IN ('p', 'u')
       WHERE i.indrelid IN ('public.conversations_v2'::regclass, 'public.messages_v2'::regclass) AND c.oid IS NULL
       ORDER BY 1`,
      );
      expect(indexes).toEqual([
        'conversations_v2 USING btree (created_at DESC)',
        'conversations_v2 USING btree (help_request_id)',
        'conversations_v2 USING btree (helper_id)',
        'conversations_v2 USING btree (requester_id)',
        'conversations_v2 USING btree (status)',
        'messages_v2 USING btree (conversation_id)',
        'messages_v2 USING btree (created_at DESC)',
        'messages_v2 USING btree (sender_id)',
      ]);
    }));

  it('T-MSG-04 row security is enabled on both tables', () =>
    unchanged(async (scene) => {
      expect(
        await list(
          scene,
          "SELECT relname FROM pg_class WHERE relname IN ('conversations_v2', 'messages_v2') AND relrowsecurity ORDER BY 1",
        ),
      ).toEqual(['conversations_v2', 'messages_v2']);
    }));

  it.each(v2Stages)('T-MSG-05 exactly 5 policies stand at stage %s', async (stage) => {
    await using scene = await openScene(lab, stage);
    const policies = await list(
      scene,
      `SELECT concat_ws(' ', tablename, cmd, permissive, roles::text) FROM pg_policies
       WHERE schemaname = 'public' AND tablename IN ('conversations_v2', 'messages_v2') ORDER BY 1`,
    );
    expect(policies).toEqual([
      'conversations_v2 INSERT PERMISSIVE {authenticated}',
      'conversations_v2 SELECT PERMISSIVE {authenticated}',
      'conversations_v2 UPDATE PERMISSIVE {authenticated}',
      'messages_v2 INSERT PERMISSIVE {authenticated}',
      'messages_v2 SELECT PERMISSIVE {authenticated}',
    ]);
  });
});

/** The one column of every row. */
async function list(scene: Scene, sql: string): Promise<readonly unknown[]> {
  const { rows } = await scene.owner.query(sql);
  return rows.map((row) => Object.values(row)[0]);
}
