/** The log afterwards: nobody changes it, it outlives what it tells of, holds nothing that anybody wrote, and has its readers. */

import { describe, expect, it } from 'vitest';
import type { Persona } from '../../../fixtures/model/persona.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import { as, call, collectives, log, outcome, people, place, posts, scenes, share, unchanged, users } from './scene.ts';
import { insertOf, updateOf } from './statements.ts';

const openScene = scenes();
const open = { post: posts.author, collective: collectives.open };
const shared = insertOf({ post_id: open.post, collective_id: open.collective, shared_by: users.author });

describe('append-only', () => {
  const name = 'public.post_collective_audit_log';
  const attempts = [
    `INSERT INTO ${name} (post_id, collective_id, action, new_values) VALUES (${literal(open.post)}, ${literal(open.collective)}, 'created', '{}')`,
    `INSERT INTO ${name} (action) VALUES ('denied')`,
    `UPDATE ${name} SET performed_by = NULL`,
    `DELETE FROM ${name}`,
    `TRUNCATE ${name}`,
    `MERGE INTO ${name} AS l USING (VALUES (1)) AS v ON true WHEN MATCHED THEN DELETE`,
    `ALTER TABLE ${name} DISABLE ROW LEVEL SECURITY`,
    `DROP TABLE ${name}`,
    `COPY ${name} (action) FROM PROGRAM 'true'`,
    `CREATE RULE silent AS ON INSERT TO ${name} DO INSTEAD NOTHING`,
    `CREATE TRIGGER silent BEFORE INSERT ON ${name} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    'ALTER TABLE public.post_collectives DISABLE TRIGGER ALL',
    'ALTER TABLE public.post_collectives DISABLE TRIGGER log_change',
    'DROP TRIGGER log_change ON public.post_collectives',
    'CREATE TRIGGER silent BEFORE UPDATE ON public.post_collectives FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()',
    ...['users', 'collectives', 'collective_members', 'posts'].map(
      (parent) =>
        `CREATE TRIGGER mine BEFORE DELETE ON public.${parent} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()`,
    ),
    'ALTER TABLE public.posts DISABLE TRIGGER ALL',
    'TRUNCATE public.post_collectives',
    'TRUNCATE public.posts CASCADE',
    'TRUNCATE public.collectives CASCADE',
    'SET LOCAL session_replication_role = replica',
    'ALTER FUNCTION posting.log_change() SECURITY INVOKER',
    `SELECT posting.log_refusal(${literal(open.post)}, NULL, 'made up')`,
    `SELECT posting.next_moment(${literal(open.post)}, NULL)`,
  ];

  it.each(attempts)('T-POST-24 no client role gets through with %s', async (sql) => {
    await using scene = await openScene();
    await place(scene, open);
    await unchanged(scene, async () => {
      for (const persona of [...people.map((person) => as[person]), as.anon, as.service])
        expect(await outcome(scene, persona, sql), persona.name).toMatch(/^(42501|42809|0A000)$/);
    });
  });

  it('T-POST-24 no client role holds a right to write it, so that no policy need refuse', async () => {
    await using scene = await openScene();
    const { rows } = await scene.owner.query(
      `SELECT concat_ws(' ', r, verb) AS held
       FROM unnest('{anon,authenticated,service_role}'::text[]) AS r,
         unnest('{SELECT,INSERT,UPDATE,DELETE,TRUNCATE,REFERENCES,TRIGGER}'::text[]) AS verb
       WHERE has_table_privilege(r, $1, verb) OR (verb IN ('SELECT', 'INSERT', 'UPDATE') AND has_any_column_privilege(r, $1, verb))
       ORDER BY 1`,
      [name],
    );
    expect(rows.map(({ held }) => held)).toEqual(['authenticated SELECT', 'service_role SELECT']);
  });

  it('T-POST-24 the login role behind the API reaches neither table', async () => {
    await using scene = await openScene();
    await place(scene, open);
    await unchanged(scene, async () => {
      for (const sql of [`DELETE FROM ${name}`, `SELECT * FROM ${name}`, 'DELETE FROM public.post_collectives'])
        expect((await scene.caller.observe(sql)).error?.sqlstate).toBe('42501');
    });
  });

  it('T-POST-26 entries outlive their post, their collective and who made them', async () => {
    await using scene = await openScene();
    await share(scene, as.author, open.post, [collectives.open, collectives.strict]);
    const before = await log(scene);
    const deleting = `DELETE FROM auth.users WHERE id = ${literal(users.author)}`;
    expect((await scene.owner.observe(deleting)).error?.sqlstate, 'who has shared something stays').toMatch(
      /^2350[13]$/,
    );
    await scene.owner.script(`DELETE FROM public.posts WHERE author_id = ${literal(users.author)}; ${deleting}`);
    await scene.owner.script(`DELETE FROM public.collectives WHERE id <> ${literal(collectives.far)}`);
    const after = await log(scene);
    expect(after.slice(0, 2)).toEqual(before);
    expect(after.map(({ action }) => action).slice(2)).toEqual(['deleted', 'deleted']);
  });
});

describe('what the log holds', () => {
  it('T-POST-25 nothing that anybody wrote: no token, no address, no content', async () => {
    await using scene = await openScene();
    const canary = 'canary-7f3a';
    const mail = `${canary}@example.test`;
    await scene.owner.query('UPDATE public.posts SET title = $1, content = $1 WHERE id = $2', [canary, open.post]);
    const metadata = { [canary]: mail, token: canary, nested: [{ content: canary }] };
    await share(scene, as.author, open.post, [open.collective], { metadata });
    await share(scene, as.author, open.post, [collectives.far], { metadata });
    await share(scene, as.author, open.post, [open.collective], { [canary]: mail });
    await share(scene, as.author, open.post, [open.collective], JSON.stringify(canary));
    await outcome(scene, as.admin, updateOf(open, { metadata: { ...metadata, more: 1 }, status: 'rejected' }));
    await outcome(
      scene,
      as.author,
      insertOf({ post_id: open.post, collective_id: collectives.strict, shared_by: users.author, metadata }),
    );
    await outcome(scene, as.author, `DELETE FROM public.posts WHERE id = ${literal(open.post)}`);
    const entries = await log(scene);
    expect(entries).toHaveLength(8);
    const text = JSON.stringify(entries);
    for (const secret of [canary, 'example.test', 'token', as.author.settings[0]?.value ?? '', 'A post of'])
      expect(text).not.toContain(secret);
    const fields = [
      'created_at',
      'display_order',
      'id',
      'metadata_digest',
      'shared_at',
      'shared_by',
      'status',
      'updated_at',
    ];
    for (const { old_values, new_values } of entries)
      for (const values of [old_values, new_values])
        expect(values === null ? fields : Object.keys(values as object).toSorted()).toEqual(fields);
  });

  it('T-POST-25 the digest tells that metadata changed, and differs between rows that hold the same', async () => {
    await using scene = await openScene();
    await share(scene, as.author, open.post, [collectives.open, collectives.strict], { metadata: { note: 'n' } });
    await outcome(scene, as.author, updateOf(open, { metadata: { note: 'm' } }));
    const digests = (await log(scene)).map(
      ({ new_values }) => (new_values as { metadata_digest: string }).metadata_digest,
    );
    expect(new Set(digests).size).toBe(3);
    for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{64}$/);
  });

  it('T-POST-27 is read by its performer, the post’s author and the collective’s owner and admins, the newest first', async () => {
    await using scene = await openScene();
    await outcome(scene, as.author, shared);
    await outcome(scene, as.owner, updateOf(open, { display_order: 1 }));
    await share(scene, as.outsider, open.post, [collectives.far]);
    const read = async (persona: Persona, more = {}) =>
      ((await call(scene, persona, 'get_post_audit_log', { p_post: open.post, ...more })) as { action: string }[]).map(
        ({ action }) => action,
      );
    expect(await read(as.author)).toEqual(['denied', 'updated', 'shared']);
    expect(await read(as.owner)).toEqual(['updated', 'shared']);
    expect(await read(as.admin)).toEqual(['updated', 'shared']);
    expect(await read(as.outsider)).toEqual(['denied']);
    expect(await read(as.editor)).toEqual([]);
    expect(await read(as.member)).toEqual([]);
    expect(await read(as.service)).toEqual(['denied', 'updated', 'shared']);
    expect(await read(as.author, { p_limit: 1 })).toEqual(['denied']);
    for (const p_limit of [0, -1, -2147483648]) expect(await read(as.author, { p_limit })).toEqual([]);
    for (const p_limit of [null, 2147483647]) expect(await read(as.author, { p_limit })).toHaveLength(3);
    for (const [persona, count] of [
      [as.author, 3],
      [as.owner, 2],
      [as.outsider, 1],
      [as.editor, 0],
    ] as const)
      expect(await outcome(scene, persona, 'SELECT * FROM public.post_collective_audit_log')).toBe(count);
  });

  it('T-POST-27 50 entries are shown where nothing is said, and 500 at most, the newest', async () => {
    await using scene = await openScene();
    await scene.owner.query(
      `INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, performed_at, metadata)
       SELECT $1, $2, 'denied', $3, now() - n * interval '1 minute', jsonb_build_object('n', n) FROM generate_series(1, 600) AS n`,
      [open.post, open.collective, users.author],
    );
    for (const [more, count] of [
      [{}, 50],
      [{ p_limit: null }, 50],
      [{ p_limit: 7 }, 7],
      [{ p_limit: 500 }, 500],
      [{ p_limit: 501 }, 500],
      [{ p_limit: 2147483647 }, 500],
    ] as const) {
      const rows = await call(scene, as.author, 'get_post_audit_log', { p_post: open.post, ...more });
      const told = (rows as { metadata: { n: number } }[]).map(({ metadata }) => metadata.n);
      expect(told).toEqual(Array.from({ length: count }, (_, n) => n + 1));
    }
    await share(scene, as.author, null, [open.collective]);
    expect(await call(scene, as.author, 'get_post_audit_log', { p_post: null })).toEqual([]);
  });
});
