/** C-02 on messaging: an offer of help is made again after a lost reply, and twice at once; a message after a look. */

import { base, Faker } from '@faker-js/faker';
import { race } from '../../fixtures/act/gate.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, inWords } from './answers.ts';
import { beforeCommit, blowsOf, interrupted } from './interruption.ts';

const ids = [1, 2].map((n) => `aaaaaaaa-0000-4000-8000-00000000000${n}`);
const [requester = '', helper = ''] = ids;
const as = { helper: signedIn(helper, 'helper') } as const;
const requests = [1, 2, 3, 4].map((n) => `bbbbbbbb-0000-4000-8000-00000000000${n}`);
const UNIQUE = 'ON CONFLICT (help_request_id, helper_id) DO NOTHING';

export const scenario: Scenario = {
  id: 'C-02',
  title: 'double click, and retry after a lost reply',
  system: 'messaging',
  kind: 'blocking',
  mustHold:
    'One offer makes one conversation, however often it was sent; a message that is looked for first is sent once.',
  protections: [
    {
      id: 'one conversation of a helper about a request',
      remove: [
        `DO $$ BEGIN EXECUTE replace(pg_get_functiondef('public.create_conversation_atomic'::regproc), ${literal(UNIQUE)}, ''); END $$`,
        `DO $$ BEGIN
           EXECUTE (SELECT format('ALTER TABLE public.conversations_v2 DROP CONSTRAINT %I', conname) FROM pg_constraint
             WHERE conrelid = 'public.conversations_v2'::regclass AND contype = 'u');
         END $$`,
      ],
    },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db } = stage;
  const people = ids.map((id) => `(${literal(id)})`).join(', ');
  const asked = requests.map((id) => `(${literal(id)}, ${literal(requester)}, 'Help')`).join(', ');
  await db.owner.script(`INSERT INTO auth.users (id) VALUES ${people};
    INSERT INTO public.help_requests (id, user_id, title) VALUES ${asked}`);
  const session = await db.connect();
  const faker = new Faker({ locale: base, seed: stage.seed });
  await retried(stage, session, faker);
  await clickedTwice(stage);
  await looked(stage, session, faker);
}

const offer = (request: string): Probe => ({
  persona: as.helper,
  sql: `SELECT public.create_conversation_atomic(${literal(request)}, ${literal(helper)}, 'I would like to help you') AS reply`,
});

/** Offers that are interrupted, and made again. */
async function retried(stage: ScenarioStage, session: Session, faker: Faker): Promise<void> {
  const { db, tell, claim, line } = stage;
  const offered = requests.slice(0, 3);
  const answers: Answer[] = [];
  for (const [at, blow] of blowsOf(faker, offered.length).entries()) {
    const request = offered[at] ?? '';
    const row = { name: 'at the request', rows: `public.help_requests WHERE id = ${literal(request)}` };
    const point = faker.helpers.arrayElement([row, beforeCommit]);
    const told = await interrupted(stage, { probe: offer(request), point, blow, line });
    const again = await ask(session, offer(request));
    answers.push(again);
    tell('client helper', `offers help, struck ${point.name}: ${inWords(told)}; again: ${inWords(again)}`);
  }
  const stored = await conversationsOf(db.owner, offered);
  const same = offered.every((request, at) => stored.get(request)?.join() === String(answers[at]?.['conversation_id']));
  const counts = offered.map((request) => stored.get(request)?.length ?? 0);
  claim(
    'an offer that is made again after a lost reply has one conversation, and is told its id',
    same,
    `${counts.join(', ')} of each`,
  );
}

async function conversationsOf(owner: Session, of: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
  const { rows } = await owner.query(
    'SELECT help_request_id AS request, array_agg(id::text) AS ids FROM public.conversations_v2 WHERE help_request_id = ANY ($1::uuid[]) GROUP BY 1',
    [of],
  );
  return new Map(rows.map((row) => [String(row['request']), row['ids'] as readonly string[]]));
}

/** The same offer five times at once. */
async function clickedTwice({ db, tell, claim }: ScenarioStage): Promise<void> {
  const request = requests[3] ?? '';
  tell('client helper', 'clicks five times: all are seen waiting for the request at once');
  const gate = { lock: 'public.help_requests', held: { rows: `id = ${literal(request)}` } };
  const seen = await race(db, { ...gate, probes: Array.from({ length: 5 }, () => offer(request)) });
  const answers = seen.map(({ rows }) => JSON.parse(rows[0]?.[0] ?? '{}') as Answer);
  const told = new Set(answers.map((answer) => String(answer['conversation_id'])));
  const stored = (await conversationsOf(db.owner, [request])).get(request) ?? [];
  const one = told.size === 1 && stored.length === 1 && told.has(stored[0] ?? '');
  claim(
    'of five clicks at once comes one conversation, and each is told its id',
    one,
    `${stored.length} stored, ${told.size} told`,
  );
}

/** Messages that are interrupted: nothing promises that one sent twice is there once, so the sender looks before sending again. */
async function looked(stage: ScenarioStage, session: Session, faker: Faker): Promise<void> {
  const { db, tell, claim, line } = stage;
  const conversation = (await conversationsOf(db.owner, requests)).get(requests[0] ?? '')?.[0] ?? '';
  const texts = ['first', 'second', 'third'];
  const honest: boolean[] = [];
  for (const [at, blow] of blowsOf(faker, texts.length).entries()) {
    const text = texts[at] ?? '';
    const probe = sending(conversation, text);
    const row = { name: 'at the conversation', rows: `public.conversations_v2 WHERE id = ${literal(conversation)}` };
    const told = await interrupted(stage, {
      probe,
      point: faker.helpers.arrayElement([row, beforeCommit]),
      blow,
      line,
    });
    const shown = (await shownTo(session, conversation)).includes(text);
    honest.push(shown === (await sentIn(db.owner, conversation)).includes(text) && (shown || told['success'] !== true));
    if (!shown) await ask(session, sending(conversation, text));
    tell(
      'client helper',
      `sends the ${text}: ${inWords(told)}; looks: ${shown ? 'it is there' : 'it is not, so sends it again'}`,
    );
  }
  claim(
    'a look tells the sender whether the message is there',
    honest.every(Boolean),
    `${honest.filter(Boolean).length} of ${texts.length}`,
  );
  const sent = await sentIn(db.owner, conversation);
  claim(
    'sent again after a look alone, every message is there once, in order',
    sent.join() === texts.join(),
    sent.join(', '),
  );
}

const sending = (conversation: string, text: string): Probe => ({
  persona: as.helper,
  sql: `SELECT public.send_message_v2(${literal(conversation)}, ${literal(helper)}, ${literal(text)}) AS reply`,
});

async function shownTo(session: Session, conversation: string): Promise<readonly string[]> {
  const sql = `SELECT public.get_conversation_v2(${literal(conversation)}, ${literal(helper)}) AS reply`;
  const { messages = [] } = (await ask(session, { persona: as.helper, sql })) as {
    messages?: readonly { content: string }[];
  };
  return messages.map(({ content }) => content);
}

async function sentIn(owner: Session, conversation: string): Promise<readonly string[]> {
  const { rows } = await owner.query(
    'SELECT content FROM public.messages_v2 WHERE conversation_id = $1 ORDER BY created_at',
    [conversation],
  );
  return rows.map(({ content }) => String(content));
}
