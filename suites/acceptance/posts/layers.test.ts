/** Each layer by itself: the policies where no trigger looks again, and the triggers where the policies let everything through. */

import { describe, expect, it } from 'vitest';
import {
  as,
  associations,
  collectives,
  outcomeOf,
  type Person,
  people,
  place,
  posts,
  type Scene,
  scenes,
  seat,
  users,
  watched,
} from './scene.ts';
import { deleteOf, insertOf, type Pair, updateOf } from './statements.ts';

const openScene = scenes();
const refused = '42501';

/** Every right that a column can be written by, so that no grant stands in for what is looked at. */
const RIGHTS = 'GRANT INSERT, UPDATE ON public.post_collectives TO authenticated';

const layers = {
  policies: `${RIGHTS};
    ALTER TABLE public.post_collectives DISABLE TRIGGER guard_association;
    ALTER TABLE public.post_collectives DISABLE TRIGGER guard_removal`,
  triggers: `${RIGHTS}; CREATE POLICY anything ON public.post_collectives FOR ALL TO authenticated USING (true) WITH CHECK (true)`,
} as const;

async function only(layer: keyof typeof layers): Promise<Scene> {
  const scene = await openScene();
  await scene.owner.script(layers[layer]);
  return scene;
}

/** What each person's statement about the author's association in `open` comes to, nothing of it kept. */
async function outcomes(scene: Scene, sql: (person: Person) => string): Promise<Readonly<Record<string, unknown>>> {
  const attempt = await watched(scene);
  const said: Record<string, unknown> = {};
  for (const person of people) said[person] = outcomeOf(await attempt(as[person], sql(person)));
  return said;
}

const pair: Pair = { post: posts.author, collective: collectives.open };

describe.each(['policies', 'triggers'] as const)('the %s alone', (layer) => {
  it('T-POST-06 hold the matrix of shares of one’s own post', async () => {
    await using scene = await only(layer);
    const insert = (person: Person) =>
      insertOf({ post_id: posts[person], collective_id: collectives.open, shared_by: users[person] });
    const result = { owner: 1, admin: 1, editor: 1, author: 1, member: refused, outsider: refused };
    expect(await outcomes(scene, insert)).toEqual(result);
  });

  it.each(['author', 'member'] as const)(
    'T-POST-06 hold the matrix of changes of another’s, whose sharer is %s',
    async (role) => {
      await using scene = await only(layer);
      await place(scene, pair);
      await seat(scene, collectives.open, 'author', role);
      const result = { owner: 1, admin: 1, editor: 0, author: role === 'author' ? 1 : 0, member: 0, outsider: 0 };
      expect(await outcomes(scene, () => updateOf(pair, { display_order: 7 }))).toEqual(result);
    },
  );

  it('T-POST-06 hold the matrix of removals of another’s', async () => {
    await using scene = await only(layer);
    await place(scene, pair, { shared_by: users.editor });
    const result = { owner: 1, admin: 1, editor: 1, author: 1, member: 0, outsider: 0 };
    expect(await outcomes(scene, () => deleteOf(pair))).toEqual(result);
  });

  it('T-POST-08 let nobody move one to where they may not post, nor to another sharer', async () => {
    await using scene = await only(layer);
    await place(scene, pair);
    for (const person of ['author', 'admin'] as const) await seat(scene, collectives.strict, person, 'member');
    const before = await associations(scene);
    const attempt = await watched(scene);
    for (const set of [{ collective_id: collectives.far }, { collective_id: collectives.strict }])
      for (const person of ['author', 'admin'] as const)
        expect(outcomeOf(await attempt(as[person], updateOf(pair, set))), `${person} ${JSON.stringify(set)}`).toBe(
          refused,
        );
    const given = await attempt(as.author, updateOf(pair, { shared_by: users.editor }));
    expect(outcomeOf(given)).toBe(refused);
    expect(await associations(scene)).toEqual(before);
  });
});

it('T-POST-06 the policies alone let nobody share a post of somebody else or in another’s name', async () => {
  await using scene = await only('policies');
  const attempt = await watched(scene);
  for (const person of people) {
    const other = person === 'author' ? 'editor' : 'author';
    for (const [post, sharer] of [
      [other, person],
      [person, other],
    ] as const) {
      const row = { post_id: posts[post], collective_id: collectives.open, shared_by: users[sharer] };
      expect(outcomeOf(await attempt(as[person], insertOf(row))), `${person}: ${post}, ${sharer}`).toBe(refused);
    }
  }
});
