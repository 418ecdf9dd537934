/** C-04 on Platform core: a standby falls behind and takes over; whoever asks whether a write is there asks the primary. */

import { base, Faker } from '@faker-js/faker';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { down } from '../faults/down.ts';
import { networkFaults } from '../faults/network.ts';
import { standbyLagging, standbyPromoted } from '../faults/standby.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, differing, inWords, must } from './answers.ts';
import type { Arguments } from './core.ts';
import { as, message, openGroup, rowsOf, send, statusOf } from './core-group.ts';
import { caughtUp, type LagOfWrites, lagOf } from './core-lag.ts';
import { openPair, type Pair } from './core-pair.ts';

/** Of 100 writes 95 must be shown within so many milliseconds. */
const BOUND = 100;
/** What keeps the log from the standby. */
const CUTS = ['down', 'timeout:downstream', 'bandwidth:downstream', 'reset_peer:downstream'];
const FROM_PRIMARY = 'a client takes the word of the primary alone';

export const scenario: Scenario = {
  id: 'C-04',
  title: 'replication lag',
  system: 'core',
  kind: 'warning',
  mustHold: `A write is never confirmed from the standby, which is less than ${BOUND} ms behind (p95) without a fault.`,
  protections: [
    { id: FROM_PRIMARY },
    {
      id: 'outcomes are in the log that the standby gets',
      remove: ['ALTER TABLE core.outcomes_hot SET UNLOGGED'],
    },
    { id: 'a call made again finds its outcome', guards: ['function core.earlier_reply(core.command): guard replay'] },
  ],
  run,
};

/** What a client has written, or tried to. */
interface Write {
  readonly args: Arguments;
  readonly answer: Answer;
}

async function run(stage: ScenarioStage): Promise<void> {
  await using pair = await openPair(stage);
  const client = await pair.toPrimary();
  const scope = await openGroup(pair.db, client);
  await pair.db.owner.query("UPDATE core.settings SET value = 10000 WHERE name LIKE 'command%'");
  const lag = (count: number) =>
    lagOf(pair, count, async () => void (await must(client, send(as.ann, message(scope, 'seen')))));
  await lagging(stage, pair, lag);
  const write = async (count: number, text: string): Promise<readonly Write[]> => {
    const writes: Write[] = [];
    for (let n = 1; n <= count; n += 1) {
      const args = message(scope, `${text} ${n}`);
      writes.push({ args, answer: await ask(client, send(as.ann, args)) });
    }
    return writes;
  };
  const kept = await write(2, 'replicated');
  await caughtUp(pair);
  const late = await behind(stage, pair, kept, () => write(3, 'late'));
  await refusedThere(stage, pair, () => send(as.bob, message(scope, 'at the standby')));
  const faker = new Faker({ locale: base, seed: stage.seed });
  const lost = await cutOff(stage, pair, faker, () => write(faker.number.int({ min: 2, max: 4 }), 'unreplicated'));
  await takenOver(stage, pair, { kept: [...kept, ...late], lost });
}

/** The lag without a fault, and that a slow line would have been noticed. */
async function lagging(
  { claim }: ScenarioStage,
  pair: Pair,
  lag: (count: number) => Promise<LagOfWrites>,
): Promise<void> {
  const calm = await lag(200);
  claim(`without a fault 95 of 100 writes are shown within ${BOUND} ms`, calm.p95 < BOUND, calm.says);
  const [slow] = networkFaults.filter(({ id }) => id === 'latency:downstream');
  if (slow === undefined) throw new Error('there is no fault that delays');
  const heal = await pair.strike(slow, pair.replication);
  const delayed = await lag(5);
  await heal();
  claim('the same measure tells a line that delays', delayed.p50 > calm.p95 ? true : null, delayed.says);
}

/** What a client makes of its write: of a server in recovery it takes no word, neither that it is there nor that it is not. */
async function believed(
  { without }: ScenarioStage,
  at: Session,
  { args }: Write,
): Promise<'there' | 'absent' | 'nothing'> {
  const { rows } = await at.query('SELECT pg_is_in_recovery() AS recovering');
  if (rows[0]?.['recovering'] === true && without?.id !== FROM_PRIMARY) return 'nothing';
  const { code } = await ask(at, statusOf(as.ann, args));
  return code === 'outcome_found' ? 'there' : code === 'outcome_not_found' ? 'absent' : 'nothing';
}

async function beliefs(stage: ScenarioStage, at: Session, writes: readonly Write[]): Promise<readonly string[]> {
  const all: string[] = [];
  for (const write of writes) all.push(await believed(stage, at, write));
  return all;
}

const all = (list: readonly string[], one: string) => list.every((each) => each === one);

/** The standby shows nothing new while writes go on. */
async function behind(
  stage: ScenarioStage,
  pair: Pair,
  kept: readonly Write[],
  write: () => Promise<readonly Write[]>,
) {
  const { tell, claim } = stage;
  const [primary, standby] = [await pair.toPrimary(), await pair.toStandby()];
  const heal = await pair.strike(standbyLagging, pair);
  const late = await write();
  const lag = await pair.standby.lag();
  tell('standby', `is ${lag.bytes} bytes and ${Math.round(lag.milliseconds)} ms behind`);
  const hidden = (await numbersOf(pair.db.owner, late)).length - (await numbersOf(pair.atStandby, late)).length;
  claim(
    'the lag is there: the primary has what the standby does not show',
    hidden === late.length && lag.bytes > 0 ? true : null,
    `${hidden} of ${late.length} writes, ${lag.bytes} bytes`,
  );
  const here = await beliefs(stage, primary, [...kept, ...late]);
  claim('the primary confirms every write', all(here, 'there'), here.join(', '));
  const there = await beliefs(stage, standby, [...kept, ...late]);
  claim('the standby confirms and denies none, shown or not', all(there, 'nothing'), there.join(', '));
  await heal();
  await caughtUp(pair);
  const after = await numbersOf(pair.atStandby, late);
  const caught = await beliefs(stage, standby, late);
  claim(
    'caught up, the standby shows every write, and still confirms none',
    after.length === late.length && all(caught, 'nothing'),
    `${after.length} of ${late.length}; ${caught.join(', ')}`,
  );
  return late;
}

/** Numbers of the events that these writes have made. */
async function numbersOf(session: Session, writes: readonly Write[]): Promise<readonly number[]> {
  const { rows } = await session.query(
    'SELECT event_seq::int AS seq FROM public.core_events WHERE event_idempotency_key = ANY ($1) ORDER BY 1',
    [writes.map(({ args }) => args['p_key'])],
  );
  return rows.map(({ seq }) => Number(seq));
}

/** A write that is sent to the standby, by an RPC and straight. */
async function refusedThere({ tell, claim }: ScenarioStage, pair: Pair, probe: () => Probe): Promise<void> {
  const before = await rowsOf(pair.db.owner);
  const answer = await ask(await pair.toStandby(), probe());
  const { error } = await pair.atStandby.observe('UPDATE public.core_scopes SET scope_max_seq = scope_max_seq + 1');
  tell('client bob', `writes to the standby: ${inWords(answer)}; the owner: ${error?.sqlstate ?? 'done'}`);
  await caughtUp(pair);
  const changed = differing(before, await rowsOf(pair.db.owner));
  const refused = answer.ok !== true && answer.lost === undefined && error?.sqlstate === '25006';
  claim(
    'a write sent to the standby is refused and leaves nothing',
    refused && changed.length === 0,
    `${inWords(answer)}, ${error?.sqlstate}; ${changed.join(', ') || 'no table differs'}`,
  );
}

/** What streams to the standby is cut; the primary goes on answering. */
async function cutOff(stage: ScenarioStage, pair: Pair, faker: Faker, write: () => Promise<readonly Write[]>) {
  const cut = faker.helpers.arrayElement(networkFaults.filter(({ id }) => CUTS.includes(id)));
  await pair.strike(cut, pair.replication);
  const lost = await write();
  const { bytes } = await pair.standby.lag();
  stage.tell(
    'client ann',
    `${lost.length} writes are answered ${[...new Set(lost.map(({ answer }) => inWords(answer)))].join(', ')}; the standby lacks ${bytes} bytes`,
  );
  return lost;
}

/** The primary is gone, the standby has taken over with what had arrived. */
async function takenOver(
  stage: ScenarioStage,
  pair: Pair,
  { kept, lost }: Record<'kept' | 'lost', readonly Write[]>,
): Promise<void> {
  const { tell, claim } = stage;
  await pair.strike(down, pair.front);
  await pair.strike(standbyPromoted, pair);
  const client = await pair.toStandby();
  const arrived = (await numbersOf(pair.atStandby, lost)).length;
  claim(
    'writes are lost: they had not arrived when the standby took over',
    arrived === 0 ? true : null,
    `${arrived} of ${lost.length} had arrived`,
  );
  const truth = await beliefs(stage, client, [...kept, ...lost]);
  tell('new primary', `says of ${kept.length} replicated writes and ${lost.length} lost ones: ${truth.join(', ')}`);
  const honest = all(truth.slice(0, kept.length), 'there') && all(truth.slice(kept.length), 'absent');
  claim('the new primary confirms what is there and no write that was lost', honest, truth.join(', '));
  const answers: Answer[] = [];
  for (const { args } of [...kept, ...lost]) answers.push(await ask(client, send(as.ann, args)));
  const replayed = kept.every((write, at) => JSON.stringify(answers[at]) === JSON.stringify(write.answer));
  claim(
    'what is there answers as it did when sent again',
    replayed,
    answers.slice(0, kept.length).map(inWords).join(', '),
  );
  const numbers = await numbersOf(pair.atStandby, [...kept, ...lost]);
  const { rows } = await pair.atStandby.query(
    'SELECT count(*)::int AS events, max(event_seq)::int AS last FROM public.core_events',
  );
  const { events, last } = rows[0] ?? {};
  const once = numbers.length === kept.length + lost.length && events === last;
  claim(
    'sent again, every write is there exactly once, numbered without a gap',
    once,
    `${numbers.length} of ${kept.length + lost.length}, ${events} events up to ${last}`,
  );
}
