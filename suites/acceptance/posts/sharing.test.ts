/** create_post_collective_associations: all of them or none, refusals as replies, and retries that make nothing twice. */

import { describe, expect, it } from 'vitest';
import { noSub } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import {
  as,
  associations,
  collectives,
  log,
  missing,
  outcome,
  people,
  place,
  posts,
  publicPost,
  type Scene,
  scenes,
  share,
  users,
} from './scene.ts';
import { insertOf } from './statements.ts';

const openScene = scenes();

/** `count` collectives in which the author may post; their ids in the order of their names. */
async function many(scene: Scene, count: number): Promise<readonly string[]> {
  const { rows } = await scene.owner.query(
    `WITH made AS (
      INSERT INTO public.collectives (name, slug, owner_id) SELECT to_char(n, '000'), 'many-' || n, $1 FROM generate_series(1, $3::int) AS n
      RETURNING id, name
    ), seated AS (INSERT INTO public.collective_members SELECT id, $2, 'author' FROM made)
    SELECT id FROM made ORDER BY name`,
    [users.owner, users.author, count],
  );
  return rows.map(({ id }) => String(id));
}

/** What the log holds of refusals, and that nothing else happened. */
async function denials(scene: Scene): Promise<readonly unknown[]> {
  expect(await associations(scene)).toEqual([]);
  return (await log(scene)).map(
    ({ action, performed_by, post_id, collective_id, old_values, new_values, metadata }) => {
      expect([action, old_values, new_values]).toEqual(['denied', null, null]);
      return { performed_by, post_id, collective_id, metadata };
    },
  );
}

describe('create_post_collective_associations', () => {
  it('T-POST-17 shares one post into all collectives that are named, in their order', async () => {
    await using scene = await openScene();
    const settings = { status: 'published', metadata: { note: 'n' }, display_order: 4 };
    const reply = await share(scene, as.author, posts.author, [collectives.strict, collectives.open], settings);
    const rows = await associations(scene);
    const idOf = (id: string) => rows.find(({ collective_id }) => collective_id === id)?.['id'];
    expect(reply).toEqual({
      ok: true,
      code: 'shared',
      created: 2,
      associations: [
        { collective_id: collectives.strict, id: idOf(collectives.strict), status: 'pending_approval', created: true },
        { collective_id: collectives.open, id: idOf(collectives.open), status: 'published', created: true },
      ],
    });
    expect(rows.map((row) => [row['collective_id'], row['shared_by'], row['display_order'], row['metadata']])).toEqual(
      expect.arrayContaining([
        [collectives.strict, users.author, 4, { note: 'n' }],
        [collectives.open, users.author, 5, { note: 'n' }],
      ]),
    );
    expect((await log(scene)).map(({ action }) => action).toSorted()).toEqual(['created', 'shared']);
  });

  it('T-POST-17 the reply is about this post and what was asked for, whatever else is shared', async () => {
    await using scene = await openScene();
    await share(scene, as.author, publicPost, [collectives.open, collectives.strict]);
    await share(scene, as.author, posts.author, [collectives.strict]);
    const reply = await share(scene, as.author, posts.author, [collectives.open]);
    const made = (await associations(scene)).filter(
      (row) => row['post_id'] === posts.author && row['collective_id'] === collectives.open,
    );
    expect(made).toHaveLength(1);
    expect(reply).toMatchObject({
      created: 1,
      associations: [{ collective_id: collectives.open, id: made[0]?.['id'] }],
    });
  });

  it('T-POST-17 one collective that is not allowed among valid ones, and nothing is written', async () => {
    for (const [bad, reason] of [
      [collectives.far, 'no_access'],
      [missing, 'no_access'],
      [null, 'invalid'],
    ] as const) {
      await using scene = await openScene();
      const asked = [collectives.open, bad, collectives.strict];
      expect(await share(scene, as.author, posts.author, asked)).toEqual({
        ok: false,
        code: 'collectives_refused',
        errors: [{ collective_id: bad, reason }],
      });
      expect(await denials(scene)).toEqual([
        { performed_by: users.author, post_id: posts.author, collective_id: bad, metadata: { reason } },
      ]);
    }
  });

  it('T-POST-17 each refused collective is named, and logged', async () => {
    await using scene = await openScene();
    const reply = await share(scene, as.member, posts.member, [collectives.open, collectives.strict, collectives.far]);
    const errors = [
      { collective_id: collectives.open, reason: 'role_insufficient' },
      { collective_id: collectives.strict, reason: 'role_insufficient' },
      { collective_id: collectives.far, reason: 'no_access' },
    ];
    expect(reply).toEqual({ ok: false, code: 'collectives_refused', errors });
    expect(
      (await denials(scene)).map((entry) => (entry as { collective_id: string }).collective_id).toSorted(),
    ).toEqual(errors.map(({ collective_id }) => collective_id));
  });

  it.each(people)('T-POST-18 the %s shares no post of somebody else, and none that is not there', async (person) => {
    await using scene = await openScene();
    const other = person === 'author' ? posts.editor : posts.author;
    for (const post of [other, missing, null])
      expect(await share(scene, as[person], post, [collectives.open])).toEqual({
        ok: false,
        code: 'post_not_found',
        errors: [],
      });
    expect(await denials(scene)).toEqual(
      [other, missing, null].map((post_id) => ({
        performed_by: users[person],
        post_id,
        collective_id: null,
        metadata: { reason: 'post_not_found' },
      })),
    );
  });

  it.each([
    ['collectives_required', [], {}],
    ['collectives_required', null, {}],
    ['too_many_collectives', Array(201).fill(collectives.open), {}],
    ['settings_invalid', [collectives.open], '[]'],
    ['settings_invalid', [collectives.open], 'null'],
    ['settings_invalid', [collectives.open], '"published"'],
    ['settings_invalid', [collectives.open], { colour: 'red' }],
    ['settings_invalid', [collectives.open], { shared_by: users.editor }],
    ['settings_invalid', [collectives.open], { status: 'rejected' }],
    ['settings_invalid', [collectives.open], { status: 'secret' }],
    ['settings_invalid', [collectives.open], { status: null }],
    ['settings_invalid', [collectives.open], { metadata: [] }],
    ['settings_invalid', [collectives.open], { metadata: 'text' }],
    ['settings_invalid', [collectives.open], { metadata: { long: 'x'.repeat(8192) } }],
    ['settings_invalid', [collectives.open], { display_order: -1 }],
    ['settings_invalid', [collectives.open], { display_order: 1.5 }],
    ['settings_invalid', [collectives.open], { display_order: '1' }],
    ['settings_invalid', [collectives.open], { display_order: 99999999999 }],
  ] as const)('T-POST-18 %s: of %j with %j', async (code, into, settings) => {
    await using scene = await openScene();
    expect(await share(scene, as.author, posts.author, into, settings)).toEqual({ ok: false, code, errors: [] });
    expect(await denials(scene)).toEqual([
      { performed_by: users.author, post_id: posts.author, collective_id: null, metadata: { reason: code } },
    ]);
  });

  it('T-POST-18 settings of NULL are none', async () => {
    await using scene = await openScene();
    expect(await share(scene, as.author, posts.author, [collectives.open], null)).toMatchObject({ ok: true });
    expect(await associations(scene)).toMatchObject([{ status: 'published', metadata: {}, display_order: 0 }]);
  });

  it('T-POST-18 a token without a user is refused, and the entry names nobody', async () => {
    await using scene = await openScene();
    const nobody: Persona = noSub();
    expect(await share(scene, nobody, posts.author, [collectives.open])).toMatchObject({ code: 'unauthenticated' });
    expect(await denials(scene)).toMatchObject([
      { performed_by: null, metadata: { actor: 'authenticated', reason: 'unauthenticated' } },
    ]);
  });

  it('T-POST-19 60 collectives at once, each named twice, are shared into once, in order', async () => {
    await using scene = await openScene();
    const ids = await many(scene, 60);
    const reply = (await share(scene, as.author, posts.author, [...ids, ...ids.toReversed()])) as {
      created: number;
      associations: { collective_id: string }[];
    };
    expect(reply.created).toBe(60);
    expect(reply.associations.map(({ collective_id }) => collective_id)).toEqual(ids);
    const rows = (await associations(scene)).toSorted(
      (a, b) => Number(a['display_order']) - Number(b['display_order']),
    );
    expect(rows.map(({ collective_id }) => collective_id)).toEqual(ids);
    expect(await log(scene)).toHaveLength(60);
  });

  it('T-POST-20 a retry answers with what the first call made, and changes nothing', async () => {
    await using scene = await openScene();
    const asked = [collectives.open, collectives.strict];
    const first = (await share(scene, as.author, posts.author, asked)) as { associations: object[] };
    const before = await associations(scene);
    const again = await share(scene, as.author, posts.author, asked, { status: 'draft', metadata: { other: true } });
    expect(again).toEqual({
      ok: true,
      code: 'already_shared',
      created: 0,
      associations: first.associations.map((one) => ({ ...one, created: false })),
    });
    expect(await associations(scene)).toEqual(before);
    expect(await log(scene)).toHaveLength(2);
  });

  it('T-POST-20 what is there already is kept beside what is new', async () => {
    await using scene = await openScene();
    const kept = await place(scene, { post: posts.author, collective: collectives.open }, { status: 'draft' });
    expect(await share(scene, as.author, posts.author, [collectives.open, collectives.strict])).toMatchObject({
      code: 'shared',
      created: 1,
      associations: [
        { id: kept, status: 'draft', created: false },
        { status: 'pending_approval', created: true },
      ],
    });
    expect(await associations(scene)).toHaveLength(2);
  });

  it('T-POST-21 a direct statement that row security refuses leaves no entry, the same through the call leaves one', async () => {
    await using scene = await openScene();
    const row = { post_id: posts.author, collective_id: collectives.far, shared_by: users.author };
    expect(await outcome(scene, as.author, insertOf(row))).toBe('42501');
    expect(await log(scene)).toEqual([]);
    expect(await share(scene, as.author, posts.author, [collectives.far])).toMatchObject({ ok: false });
    expect(await denials(scene)).toHaveLength(1);
  });
});
