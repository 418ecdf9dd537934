/** A call that is brought to a chosen point of its work and struck there. */

import type { Faker } from '@faker-js/faker';
import { become } from '../../fixtures/act/act.ts';
import { waitsOrEnds } from '../../fixtures/act/during.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { terminated } from '../faults/backend.ts';
import { disable } from '../faults/down.ts';
import type { Fault } from '../faults/fault.ts';
import type { Field } from '../faults/field.ts';
import { networkFaults } from '../faults/network.ts';
import type { Line } from '../line.ts';
import type { ScenarioStage } from '../scenario.ts';
import { type Answer, ask, lossOf } from './answers.ts';
import { gone as backendsGone } from './looks.ts';

/** Rows that the call is about to change or lock, as `table WHERE …`; null: all is done but the COMMIT. */
export interface Point {
  readonly name: string;
  readonly rows: string | null;
}

export const beforeCommit: Point = { name: 'with all done but the COMMIT', rows: null };

export interface Interruption {
  readonly probe: Probe;
  readonly point: Point;
  readonly blow: Fault<Field>;
  readonly line: Line;
}

/** Milliseconds until a client gives up. */
const PATIENCE = 2_500;

/**
 * Makes the call by the line, strikes it at the point and lets it go on, if it can. When this returns the line is healed and the
 * call's backend is gone.
 * @returns what the client was told
 * @throws Error when the call does not come to the point
 */
export async function interrupted(stage: ScenarioStage, { probe, point, blow, line }: Interruption): Promise<Answer> {
  const { db } = stage;
  const session = await openSession(line.access, { database: db.name, as: 'login', answerTimeout: PATIENCE });
  const field = fieldOf(stage, line, session);
  if (point.rows === null) {
    const results = await session.script(['BEGIN', ...become(probe.persona), probe.sql].join(';\n'));
    const heal = await stage.strike(blow, field);
    const answer = await session.query('COMMIT').then(
      () => (results.at(-1)?.rows[0]?.['reply'] ?? {}) as Answer,
      (error: unknown) => ({ lost: lossOf(error) }),
    );
    await gone(line, db.owner, session);
    await heal();
    return answer;
  }
  await using holder = await db.connectAsOwner();
  await holder.script(`BEGIN; SELECT 1 FROM ${point.rows} FOR UPDATE`);
  const call = ask(session, probe);
  await waitsOrEnds({ owner: db.owner, caller: session, db }, call);
  const heal = await stage.strike(blow, field);
  await holder.script('ROLLBACK');
  const answer = await call;
  await gone(line, db.owner, session);
  await heal();
  return answer;
}

/** The ground of a fault that strikes this session. */
export function fieldOf({ db, access }: ScenarioStage, line: Line, { processId }: Session): Field {
  const victim = () => processId;
  return { proxy: line.proxy, access, db, owner: db.owner, victim, holder: () => null, server: null };
}

/** What the line still holds is dropped, and the backend has ended by itself: what is stored now stays so. */
export async function gone(line: Line, owner: Session, { processId, destroy }: Session): Promise<void> {
  destroy();
  const enable = await disable(line);
  await backendsGone(owner, [processId]);
  await enable();
}

/** What cuts a call that is under way, or its answer. */
const CUTS = ['timeout:downstream', 'limit_data:downstream', 'timeout:upstream', 'limit_data:upstream', 'down'];

/** So many blows in an order that the seed decides; at least one ends the backend, and one cuts the line. */
export function blowsOf(faker: Faker, count: number): readonly Fault<Field>[] {
  const cuts = faker.helpers.shuffle(networkFaults.filter(({ id }) => CUTS.includes(id)));
  const several = Array.from({ length: Math.ceil(count / 2) }, (_, n) => cuts[n % cuts.length] ?? terminated);
  return faker.helpers.shuffle([...several, ...Array.from({ length: count - several.length }, () => terminated)]);
}
