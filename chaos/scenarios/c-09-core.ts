/** C-09 on Platform core: rebuilds of a projection crash, run beside each other, and beside writers and readers. */

import { base, Faker } from '@faker-js/faker';
import { together, type Work } from '../../fixtures/act/gate.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, inWords, must } from './answers.ts';
import { key, probeOf } from './core.ts';
import { as, message, openGroup, send } from './core-group.ts';
import { fallOf, marksOf, watchedDuring } from './core-watermark.ts';
import { beforeCommit, blowsOf, interrupted, type Point } from './interruption.ts';

const EVENTS = 14;
const BATCH = 4;
const people = [as.ann, as.bob, as.cat] as const;

export const scenario: Scenario = {
  id: 'C-09',
  title: 'projection rebuild crashes',
  system: 'core',
  kind: 'blocking',
  mustHold:
    'The watermark never falls, and whatever is interrupted or runs at once, a rebuild comes to the live projection.',
  protections: [
    {
      id: 'the watermark only rises',
      guards: ['trigger public.core_projection_watermarks "guard_watermarks"'],
    },
    {
      id: 'a rebuild counts what others sent',
      guards: ['function core.project_batch(uuid,bigint,bigint): guard rebuild-others'],
    },
    {
      id: 'the journal is read',
      guards: ['function core.journal_of(uuid,text,text,text): guard journal-resumed'],
    },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db, seed, tell, claim } = stage;
  const faker = new Faker({ locale: base, seed });
  const operator = await db.connect();
  const scope = await openGroup(db, operator);
  await busy(operator, scope, faker);
  const live = await projections(db.owner);
  tell('owner', `the live projection: ${live.join(', ')}`);

  const marks = await watchedDuring(db, async () => {
    await crashing(stage, operator, scope, faker);
    const rebuilt = await projections(db.owner);
    claim('rebuilt through crashes, the projection is the live one', same(rebuilt, live), rebuilt.join(', '));
    await stale(stage, scope);
    await atOnce(stage, operator, scope);
  });
  const fallen = marks.flatMap((mark, at) => fallOf(marks[at - 1], mark));
  const seen = fallen.join('; ') || `${marks.length} different marks were seen`;
  claim('the watermark never falls within a version, and versions rise', fallen.length === 0, seen);
}

/** Messages of everybody, some read, one deleted: what the seed decides. */
async function busy(operator: Session, scope: string, faker: Faker): Promise<void> {
  for (let n = 1; n < EVENTS; n += 1)
    await must(operator, send(faker.helpers.arrayElement(people), message(scope, `${n}`)));
  const last = await must(operator, send(as.bob, message(scope, 'to be deleted')));
  await must(
    operator,
    send(as.bob, {
      ...message(scope, ''),
      p_command_type: 'message_delete',
      p_payload: { target_seq: last['event_seq'] },
    }),
  );
  for (const reader of [as.bob, as.cat])
    await must(operator, readUpTo(reader, scope, faker.number.int({ min: 1, max: EVENTS })));
}

const readUpTo = (reader: (typeof people)[number], scope: string, seq: number): Probe =>
  probeOf(reader, 'core_ack_v1', { p_scope: scope, p_delivered_seq: seq, p_read_seq: seq, p_key: key() });

const rebuild = (scope: string, batch = BATCH): Probe =>
  probeOf(as.service, 'core_rebuild_projection_v1', { p_scope: scope, p_key: key(), p_batch: batch });

async function projections(owner: Session): Promise<readonly string[]> {
  const { rows } = await owner.query(
    `SELECT format('%s: %s unread, last event %s', left(u.email, 3), p.unread_count, p.last_event_seq) || CASE p.mode WHEN 'normal' THEN '' ELSE ' ' || p.mode END AS said
     FROM public.core_projections AS p JOIN auth.users AS u ON u.id = p.user_id ORDER BY 1`,
  );
  return rows.map(({ said }) => String(said));
}

const same = (a: readonly string[], b: readonly string[]) => a.join() === b.join();

/** Every batch of a rebuild is interrupted, some twice, and asked for again by the same call. */
async function crashing(stage: ScenarioStage, operator: Session, scope: string, faker: Faker): Promise<void> {
  const { tell, claim, line } = stage;
  const batches = Math.ceil((EVENTS + 1) / BATCH);
  const blows = blowsOf(faker, batches);
  const replies: Answer[] = [];
  const missed: string[] = [];
  for (const [at, blow] of blows.entries()) {
    const probe = rebuild(scope);
    const point = faker.helpers.arrayElement(pointsOf(scope, at));
    tell('operator', `asks for batch ${at + 1}, which is struck ${point.name}`);
    const told = await interrupted(stage, { probe, point, blow, line }).catch((error: Error) => error);
    if (told instanceof Error) missed.push(`batch ${at + 1}: ${told.message}`);
    replies.push(await ask(operator, probe));
    tell(
      'operator',
      `${told instanceof Error ? 'not struck' : `was told ${inWords(told)}`}; asks again: ${spoken(replies.at(-1))}`,
    );
  }
  claim(
    'every batch was interrupted',
    missed.length === 0 ? true : null,
    missed.join('; ') || `${batches} of ${batches}`,
  );
  const marks = replies.map((reply) => reply['watermark_seq']);
  const expected = blows.map((_, at) => Math.min((at + 1) * BATCH, EVENTS + 1));
  claim(
    'each batch goes on where the one before stopped',
    marks.join() === expected.join(),
    replies.map(spoken).join(', '),
  );
}

const spoken = (answer: Answer | undefined) => `${inWords(answer ?? {})} at ${String(answer?.['watermark_seq'])}`;

function pointsOf(scope: string, at: number): readonly Point[] {
  const ofScope = `WHERE scope_id = ${literal(scope)}`;
  const journal = { name: 'with its work done, at the journal', rows: 'public.core_migrations WHERE in_progress' };
  return [
    { name: "at the group's row", rows: `public.core_scopes WHERE id = ${literal(scope)}` },
    { name: 'at the projections', rows: `public.core_projections ${ofScope}` },
    { name: 'at the watermark', rows: `public.core_projection_watermarks ${ofScope}` },
    beforeCommit,
    ...(at === 0 ? [] : [journal]),
  ];
}

/** A worker that was thought dead writes the batch that it had in hand. */
async function stale({ db, tell, claim }: ScenarioStage, scope: string): Promise<void> {
  const before = await marksOf(db.owner);
  const { error } = await db.owner.observe(`SELECT core.project_batch(${literal(scope)}, 0, ${BATCH})`);
  tell(
    'owner',
    `a worker that was thought dead writes its batch up to ${BATCH}: ${error ? `refused by ${error.constraint ?? error.sqlstate}` : 'done'}`,
  );
  const after = await marksOf(db.owner);
  claim(
    'a worker with an old checkpoint is refused and changes nothing',
    error !== null && before === after,
    `${before}, then ${after}`,
  );
}

/** Two rebuilds, a writer and a reader, all seen waiting for the group at once. */
async function atOnce({ db, tell, claim }: ScenarioStage, operator: Session, scope: string): Promise<void> {
  const several =
    (probes: readonly Probe[]): Work<readonly Answer[]> =>
    async (caller) => {
      const answers: Answer[] = [];
      for (const probe of probes) answers.push(await ask(caller, probe));
      return answers;
    };
  const rebuilds = [5, 7].map((batch) => Array.from({ length: 5 }, () => rebuild(scope, batch)));
  const writing = Array.from({ length: 5 }, (_, n) => send(as.cat, message(scope, `meanwhile ${n}`)));
  const reading = [2, 5, 9, 14].map((seq) => readUpTo(as.bob, scope, seq));
  tell('owner', 'holds the group until two rebuilds, a writer and a reader wait for it');
  const gate = { lock: 'public.core_scopes', held: { rows: `id = ${literal(scope)}` } };
  const all = await together(db, gate, [...rebuilds, writing, reading].map(several));
  const answers = all.flat();
  tell('operator', `all were answered: ${[...new Set(answers.map(inWords))].join(', ')}`);
  for (let n = 0; n < 10 && (await unfinished(db.owner)); n += 1) await ask(operator, rebuild(scope, 50));
  const [kept, counted] = [await projections(db.owner), await countedBy(db.owner)];
  const refused = answers.filter(({ ok }) => ok !== true);
  claim(
    'rebuilds, writers and readers at once are all answered with success',
    refused.length === 0,
    refused.map(inWords).join(', ') || `${answers.length} calls`,
  );
  claim(
    'what they leave is what the log says',
    same(kept, counted),
    `${kept.join(', ')}; counted: ${counted.join(', ')}`,
  );
  const again = await ask(operator, rebuild(scope, 50));
  const afresh = await projections(db.owner);
  claim(
    'a further rebuild changes nothing',
    again.code === 'projection_rebuilt' && same(afresh, kept),
    `${inWords(again)}: ${afresh.join(', ')}`,
  );
}

async function unfinished(owner: Session): Promise<boolean> {
  return (await owner.query('SELECT 1 FROM public.core_migrations WHERE in_progress')).rows.length > 0;
}

/** The projection, counted over the log without the system's own functions. */
async function countedBy(owner: Session): Promise<readonly string[]> {
  const { rows } = await owner.query(
    `SELECT format('%s: %s unread, last event %s', left(u.email, 3), count(e.*), s.scope_max_seq) AS said
     FROM public.core_members AS m
     JOIN public.core_scopes AS s ON s.id = m.scope_id
     JOIN auth.users AS u ON u.id = m.user_id
     LEFT JOIN public.core_events AS e ON e.scope_id = m.scope_id AND e.command_type = 'message_send'
       AND e.actor_id <> m.user_id AND e.event_seq > m.last_read_seq
     WHERE m.state = 'joined' GROUP BY u.email, s.scope_max_seq ORDER BY 1`,
  );
  return rows.map(({ said }) => String(said));
}
