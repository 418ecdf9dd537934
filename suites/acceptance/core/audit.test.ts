/** What is kept of what was changed, deleted and done to others, and for how long. */

import { describe, expect, it } from 'vitest';
import { fill, group, remove, send, timeline } from './acts.ts';
import { as, call, forbidden, key, rowsOf, type Scene, scenes, unchanged, users } from './scene.ts';

const openScene = scenes();
const purge = (scene: Scene, scope: string, over = {}) =>
  call(scene, as.service, 'core_purge_retention_v1', { p_scope: scope, p_key: key(), ...over });
const edit = (scene: Scene, persona: typeof as.ann, scope: string, payload: Readonly<Record<string, unknown>>) =>
  send(scene, persona, scope, { p_command_type: 'message_edit', p_payload: payload });
const erase = (scene: Scene, persona: typeof as.ann, scope: string, payload: Readonly<Record<string, unknown>>) =>
  send(scene, persona, scope, { p_command_type: 'message_delete', p_payload: payload });

describe('audit', () => {
  it('T-AUD-01 an edit sets edited_at and raises edit_count; a deletion sets its two fields once', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob]);
    await send(scene, as.bob, scope, { p_payload: { body: 'first' } });
    for (const count of [1, 2]) {
      expect(await edit(scene, as.bob, scope, { target_seq: 1, body: 'better' })).toMatchObject({ ok: true });
      expect(await first(scene)).toMatchObject({ edit_count: count, edited_at: expect.any(String), deleted_at: null });
    }
    await unchanged(scene, async () => {
      expect(await edit(scene, as.ann, scope, { target_seq: 1 })).toEqual({ ok: false, code: 'not_permitted' });
      expect(await edit(scene, as.bob, scope, { target_seq: 2 })).toEqual({ ok: false, code: 'target_not_found' });
      expect(await edit(scene, as.bob, scope, {})).toEqual({ ok: false, code: 'target_not_found' });
    });
    expect(await erase(scene, as.bob, scope, { target_seq: 1 })).toMatchObject({ ok: true });
    expect(await first(scene)).toMatchObject({ deleted_at: expect.any(String), deleted_by: users.bob, edit_count: 2 });
    const { events } = (await timeline(scene, as.ann, scope)) as { events?: readonly unknown[] };
    expect(events?.[0]).toMatchObject({ event_seq: 1, payload: null, deleted_by: users.bob });
    expect(await rowsOf(scene, 'core_events')).toHaveLength(4);
    await unchanged(scene, async () => {
      expect(await erase(scene, as.bob, scope, { target_seq: 1 })).toEqual({ ok: false, code: 'target_not_found' });
    });
  });

  it('T-AUD-01 no statement of the owner rewrites an event or turns its marks back', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await send(scene, as.ann, scope);
    await edit(scene, as.ann, scope, { target_seq: 1 });
    await erase(scene, as.ann, scope, { target_seq: 1 });
    const changes = [
      "payload = '{}'",
      'actor_id = gen_random_uuid()',
      'event_seq = event_seq + 10',
      "server_time = now() - interval '1 day'",
      'edit_count = 0, edited_at = NULL',
      'edited_at = now()',
      'deleted_at = NULL, deleted_by = NULL',
      'deleted_by = gen_random_uuid()',
    ];
    await unchanged(scene, async () => {
      for (const change of changes) {
        const sql = `UPDATE public.core_events SET ${change} WHERE event_seq = 1`;
        expect(await forbidden(scene, sql), change).toBe('guard_events_immutable');
      }
      expect(await forbidden(scene, 'TRUNCATE public.core_events')).toBe('guard_events_kept');
    });
  });

  it('T-AUD-RET-01 each class is purged after its days and no sooner; outcomes and numbers stay', async () => {
    await using scene = await openScene();
    const scope = await group(scene, []);
    await send(scene, as.ann, scope);
    await fill(scene, scope, 6);
    const ages = [
      ['normal', 364],
      ['normal', 366],
      ['sensitive', 179],
      ['sensitive', 181],
      ['regulated', 729],
      ['regulated', 731],
    ] as const;
    await scene.owner.script(`SET session_replication_role = replica;
      ${ages.map(([name, days], n) => `UPDATE public.core_events SET classification = '${name}', server_time = now() - interval '${days} days' WHERE event_seq = ${n + 2};`).join('\n')}
      RESET session_replication_role`);
    await unchanged(scene, async () => {
      for (const seq of [2, 4, 6])
        expect(await forbidden(scene, `DELETE FROM public.core_events WHERE event_seq = ${seq}`)).toBe(
          'guard_retention',
        );
    });
    const outcomes = await rowsOf(scene, 'core_outcomes');
    expect(await purge(scene, scope)).toEqual({ ok: true, code: 'purged', purged: 3 });
    expect((await rowsOf(scene, 'core_events')).map(({ event_seq }) => event_seq)).toEqual([1, 2, 4, 6]);
    const kept = (await rowsOf(scene, 'core_outcomes')).filter(
      ({ command_type }) => command_type !== 'purge_retention',
    );
    expect(kept).toEqual(outcomes);
    expect(await purge(scene, scope)).toMatchObject({ purged: 0 });
    expect(await send(scene, as.ann, scope)).toMatchObject({ ok: true, event_seq: 8 });
  });

  it('T-AUD-RET-02 what is done to others is logged with its reason, and without one it is not done', async () => {
    await using scene = await openScene();
    const scope = await group(scene, [as.bob, as.cat]);
    await unchanged(scene, async () => {
      for (const [p_reason_code, p_reason_text, code] of [
        [null, null, 'reason_code_invalid'],
        ['because', null, 'reason_code_invalid'],
        ['other', ' ', 'reason_text_required'],
        ['other', 'x'.repeat(501), 'reason_text_too_long'],
        ['abuse_spam', 'wrote to jane@example.org', 'reason_text_personal_data'],
        ['abuse_spam', 'call +44 20 7946 0958', 'reason_text_personal_data'],
      ] as const) {
        expect(await remove(scene, scope, users.bob, { p_reason_code, p_reason_text }), code).toEqual({
          ok: false,
          code,
        });
      }
    });
    expect(
      await remove(scene, scope, users.bob, { p_reason_code: 'other', p_reason_text: 'kept advertising' }),
    ).toMatchObject({ ok: true });
    expect(await rowsOf(scene, 'core_admin_actions')).toEqual([
      expect.objectContaining({
        actor_id: users.ann,
        scope_id: scope,
        action: 'remove_member',
        reason_code: 'other',
        reason_text: 'kept advertising',
        details: { user_id: users.bob, role: null },
      }),
    ]);
    await send(scene, as.cat, scope);
    await unchanged(scene, async () =>
      expect(await erase(scene, as.ann, scope, { target_seq: 1 })).toEqual({ ok: false, code: 'reason_code_invalid' }),
    );
    expect(await erase(scene, as.ann, scope, { target_seq: 1, reason_code: 'abuse_harassment' })).toMatchObject({
      ok: true,
    });
    const actions = await rowsOf(scene, 'core_admin_actions');
    expect(actions.map(({ action }) => action).sort()).toEqual(['delete_message', 'remove_member']);
  });
});

async function first(scene: Scene) {
  return (await rowsOf(scene, 'core_events')).find(({ event_seq }) => event_seq === 1);
}
