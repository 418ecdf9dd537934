/** C-02 on posts: a post is shared again after a network failure, and by two clicks at once. */

import { base, Faker } from '@faker-js/faker';
import { race } from '../../fixtures/act/gate.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, inWords } from './answers.ts';
import { beforeCommit, blowsOf, interrupted } from './interruption.ts';

const author = 'aaaaaaaa-0000-4000-8000-000000000001';
const persona = signedIn(author, 'author');
const collectives = [1, 2, 3].map((n) => `bbbbbbbb-0000-4000-8000-00000000000${n}`);
const posts = [1, 2, 3, 4, 5].map((n) => `cccccccc-0000-4000-8000-00000000000${n}`);

export const scenario: Scenario = {
  id: 'C-02',
  title: 'retry after a network failure',
  system: 'posts',
  kind: 'blocking',
  mustHold:
    'A post is shared into all of its collectives once, and the log says so once, however often it was asked for.',
  protections: [
    {
      id: 'one association of a post and a collective',
      remove: [
        `DO $$ BEGIN
           EXECUTE replace(pg_get_functiondef('posting.share'::regproc), 'ON CONFLICT ON CONSTRAINT post_collectives_once DO NOTHING', '');
         END $$`,
        'ALTER TABLE public.post_collectives DROP CONSTRAINT post_collectives_once',
      ],
    },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db, seed } = stage;
  await db.owner.script(ground());
  const session = await db.connect();
  const faker = new Faker({ locale: base, seed });
  await retried(stage, session, faker);
  await clickedTwice(stage);
}

function ground(): string {
  const circles = collectives.map((id, n) => `(${literal(id)}, 'Circle ${n}', 'circle-${n}', ${literal(author)})`);
  const seats = collectives.map((id) => `(${literal(id)}, ${literal(author)}, 'owner')`);
  const written = posts.map((id, n) => `(${literal(id)}, ${literal(author)}, 'Post ${n}')`);
  return `INSERT INTO auth.users (id) VALUES (${literal(author)});
    INSERT INTO public.users (id) VALUES (${literal(author)}) ON CONFLICT DO NOTHING;
    INSERT INTO public.collectives (id, name, slug, owner_id) VALUES ${circles.join(', ')};
    INSERT INTO public.collective_members (collective_id, member_id, role) VALUES ${seats.join(', ')} ON CONFLICT DO NOTHING;
    INSERT INTO public.posts (id, author_id, title) VALUES ${written.join(', ')}`;
}

const sharing = (post: string): Probe => ({
  persona,
  sql: `SELECT public.create_post_collective_associations(${literal(post)}, ${literal(`{${collectives.join(',')}}`)}) AS reply`,
});

/** Where a call may be held: at its post, at a seat of its author, at the end. */
function pointsOf(post: string) {
  return [
    { name: 'at the post', rows: `public.posts WHERE id = ${literal(post)}` },
    {
      name: 'at the second seat',
      rows: `public.collective_members WHERE collective_id = ${literal(collectives[1] ?? '')}`,
    },
    beforeCommit,
  ];
}

async function retried(stage: ScenarioStage, session: Session, faker: Faker): Promise<void> {
  const { db, tell, claim, line } = stage;
  const shared = posts.slice(0, 4);
  const torn: string[] = [];
  const answers: Answer[] = [];
  for (const [at, blow] of blowsOf(faker, shared.length).entries()) {
    const post = shared[at] ?? '';
    const point = faker.helpers.arrayElement(pointsOf(post));
    const told = await interrupted(stage, { probe: sharing(post), point, blow, line });
    const { associations, logged } = await storedOf(db.owner, post);
    if (associations !== logged || ![0, collectives.length].includes(associations))
      torn.push(`${associations} and ${logged}`);
    const again = await ask(session, sharing(post));
    answers.push(again);
    tell(
      'client author',
      `shares post ${at + 1}, struck ${point.name}: ${inWords(told)}; ${associations} are there; again: ${inWords(again)}`,
    );
  }
  const seen = `${shared.length} calls interrupted`;
  claim(
    'a call that was interrupted has shared into all collectives with their log, or into none',
    torn.length === 0,
    torn.join('; ') || seen,
  );
  const fine = answers.every(({ code }) => code === 'shared' || code === 'already_shared');
  claim('made again it says that the post is shared', fine, answers.map(inWords).join(', '));
  await once(stage, 'made again, a call has shared into each collective once, and the log says so once', shared);
}

async function clickedTwice(stage: ScenarioStage): Promise<void> {
  const { db, tell } = stage;
  const post = posts[4] ?? '';
  tell('client author', 'clicks five times: all are seen waiting for the post at once');
  const gate = { lock: 'public.posts', held: { rows: `id = ${literal(post)}` } };
  await race(db, { ...gate, probes: Array.from({ length: 5 }, () => sharing(post)) });
  await once(stage, 'five clicks at once share into each collective once, and the log says so once', [post]);
}

async function once({ db, claim }: ScenarioStage, says: string, shared: readonly string[]): Promise<void> {
  const counts: string[] = [];
  for (const post of shared) {
    const { associations, logged } = await storedOf(db.owner, post);
    counts.push(`${associations} and ${logged}`);
  }
  const wanted = `${collectives.length} and ${collectives.length}`;
  claim(
    says,
    counts.every((count) => count === wanted),
    `${counts.join(', ')} of ${collectives.length}`,
  );
}

async function storedOf(
  owner: Session,
  post: string,
): Promise<{ readonly associations: number; readonly logged: number }> {
  const { rows } = await owner.query(
    `SELECT (SELECT count(*) FROM public.post_collectives WHERE post_id = $1)::int AS associations,
       (SELECT count(*) FROM public.post_collective_audit_log WHERE post_id = $1 AND action = 'shared')::int AS logged`,
    [post],
  );
  return { associations: Number(rows[0]?.['associations']), logged: Number(rows[0]?.['logged']) };
}
