/** The log: one entry a change, in the name of who did it, for ever, and without anything that anybody wrote. */

import { describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import {
  as,
  collectives,
  log,
  outcome,
  place,
  posts,
  publicPost,
  type Scene,
  scenes,
  share,
  unchanged,
  users,
} from './scene.ts';
import { deleteOf, insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const open = { post: posts.author, collective: collectives.open };
const strict = { post: posts.author, collective: collectives.strict };
const shared = insertOf({ post_id: open.post, collective_id: open.collective, shared_by: users.author });

async function told(scene: Scene): Promise<readonly unknown[]> {
  return (await log(scene)).map(({ action, performed_by, metadata }) => [action, performed_by, metadata]);
}

/** The persona with further settings, as somebody with a connection of their own would say them. */
function saying(persona: Persona, settings: Readonly<Record<string, string>>): Persona {
  const more = Object.entries(settings).map(([name, value]) => ({ name, value }));
  return { ...persona, settings: [...persona.settings, ...more] };
}

describe('the actions of the log', () => {
  it('T-POST-22 one entry a change, by what it did to being published', async () => {
    await using scene = await openScene();
    for (const [status, action] of [
      ['draft', 'created'],
      ['draft', 'updated'],
      ['published', 'shared'],
      ['published', 'updated'],
      ['rejected', 'unshared'],
      ['pending_approval', 'updated'],
      ['published', 'shared'],
      ['draft', 'unshared'],
    ] as const) {
      const insert = insertOf({ post_id: open.post, collective_id: open.collective, shared_by: users.author, status });
      const sql = action === 'created' ? insert : updateOf(open, { status });
      expect(await outcome(scene, action === 'created' ? as.author : as.owner, sql)).toBe(1);
      expect((await log(scene)).at(-1)).toMatchObject({ action, new_values: { status } });
    }
    await outcome(scene, as.author, deleteOf(open));
    expect((await log(scene)).at(-1)).toMatchObject({
      action: 'deleted',
      old_values: { status: 'draft' },
      new_values: null,
    });
    await outcome(scene, as.author, shared);
    expect((await log(scene)).at(-1)).toMatchObject({
      action: 'shared',
      old_values: null,
      new_values: { status: 'published' },
    });
    expect(await log(scene)).toHaveLength(10);
  });

  it('T-POST-22 a statement of many rows leaves an entry for each, one that fails none', async () => {
    await using scene = await openScene();
    await place(scene, open);
    await place(scene, strict, { status: 'draft' });
    expect(await outcome(scene, as.owner, "UPDATE public.post_collectives SET metadata = '{}'")).toBe(2);
    expect(await log(scene)).toHaveLength(4);
    await unchanged(scene, () => outcome(scene, as.owner, "UPDATE public.post_collectives SET status = 'none'"));
  });

  it('T-POST-22 cascades and the owner’s TRUNCATE leave an entry for each row', async () => {
    await using scene = await openScene();
    for (const cut of [
      `DELETE FROM public.posts WHERE id = ${literal(publicPost)}`,
      'TRUNCATE public.post_collectives',
      'TRUNCATE public.collectives CASCADE',
    ]) {
      await place(scene, { post: publicPost, collective: collectives.open });
      await place(scene, { post: publicPost, collective: collectives.strict });
      await scene.owner.script(cut.startsWith('DELETE') ? `${cut}; ${again}` : cut);
      expect((await log(scene)).slice(-2).map(({ action }) => action)).toEqual(['deleted', 'deleted']);
    }
    expect(await log(scene)).toHaveLength(12);
  });

  const again = `INSERT INTO public.posts (id, author_id, title) VALUES (${literal(publicPost)}, ${literal(users.author)}, 'Again')`;
});

describe('the order of the log', () => {
  it('T-POST-22 entries of a pair follow each other though the clock went back; those of other pairs do not wait for them', async () => {
    await using scene = await openScene();
    await place(scene, open);
    await place(scene, strict);
    const ahead =
      "UPDATE public.post_collective_audit_log SET performed_at = now() + interval '1 day' WHERE collective_id = ";
    await scene.owner.script(ahead + literal(open.collective));
    for (const pair of [open, strict]) await outcome(scene, as.owner, updateOf(pair, { display_order: 1 }));
    const told = (await log(scene)).map(({ collective_id, action }) => [collective_id, action]);
    expect(told).toEqual([
      [strict.collective, 'shared'],
      [strict.collective, 'updated'],
      [open.collective, 'shared'],
      [open.collective, 'updated'],
    ]);
    await scene.owner.query('UPDATE public.post_collective_audit_log SET post_id = $1 WHERE collective_id = $2', [
      publicPost,
      open.collective,
    ]);
    await outcome(scene, as.owner, updateOf(open, { display_order: 2 }));
    const { rows } = await scene.owner.query(
      'SELECT performed_at < now() AS today FROM public.post_collective_audit_log WHERE post_id = $1 AND collective_id = $2',
      [open.post, open.collective],
    );
    expect(rows).toEqual([{ today: true }]);
  });
});

describe('the performer', () => {
  const admin = { actor: 'service_role' };

  it('T-POST-23 is who acts, not who is named: in direct statements, calls and cascades', async () => {
    await using scene = await openScene();
    await share(scene, as.author, open.post, [open.collective]);
    await outcome(scene, as.admin, updateOf(open, { display_order: 2 }));
    await outcome(scene, as.owner, deleteOf(open));
    await outcome(scene, as.author, shared);
    await outcome(scene, as.author, `DELETE FROM public.posts WHERE id = ${literal(open.post)}`);
    expect(await told(scene)).toEqual([
      ['shared', users.author, {}],
      ['updated', users.admin, {}],
      ['deleted', users.owner, {}],
      ['shared', users.author, {}],
      ['deleted', users.author, {}],
    ]);
  });

  it('T-POST-23 shows through functions that run as their definer', async () => {
    await using scene = await openScene();
    await place(scene, open);
    await scene.owner.script(`
      CREATE FUNCTION public.tidy_up() RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
      AS $$ UPDATE public.post_collectives SET display_order = 9; DELETE FROM public.post_collectives $$;
      GRANT EXECUTE ON FUNCTION public.tidy_up() TO authenticated`);
    await outcome(scene, as.admin, 'SELECT public.tidy_up()');
    expect((await told(scene)).slice(1)).toEqual([
      ['updated', users.admin, {}],
      ['deleted', users.admin, {}],
    ]);
  });

  it('T-POST-23 is not what settings and other claims say', async () => {
    await using scene = await openScene();
    const claims = JSON.stringify({
      sub: users.author,
      role: 'service_role',
      user_metadata: { sub: users.owner, id: users.owner },
      app_metadata: { user_id: users.owner },
      performed_by: users.owner,
    });
    const forged = saying(as.author, {
      'request.jwt.claims': claims,
      'app.user_id': users.owner,
      'app.current_user_id': users.owner,
      'audit.performed_by': users.owner,
      'posting.caller': users.owner,
      'request.jwt.claim.role': 'service_role',
    });
    await outcome(scene, forged, shared);
    await outcome(scene, forged, updateOf(open, { metadata: { performed_by: users.owner, actor: 'service_role' } }));
    expect(await told(scene)).toEqual([
      ['shared', users.author, {}],
      ['updated', users.author, {}],
    ]);
  });

  it('T-POST-23 is nobody where the service or the schema’s owner acts, whomever their claims name', async () => {
    await using scene = await openScene();
    const claims = { 'request.jwt.claims': JSON.stringify({ sub: users.author, role: 'authenticated' }) };
    await outcome(scene, as.service, shared);
    await outcome(scene, saying(as.service, claims), updateOf(open, { display_order: 1 }));
    await scene.owner.script(
      `BEGIN; SET LOCAL request.jwt.claims = ${literal(claims['request.jwt.claims'])}; ${deleteOf(open)}; COMMIT`,
    );
    const { rows } = await scene.owner.query('SELECT session_user::text AS name');
    expect(await told(scene)).toEqual([
      ['shared', null, admin],
      ['updated', null, admin],
      ['deleted', null, { actor: rows[0]?.['name'] }],
    ]);
  });
});
