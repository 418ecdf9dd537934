/** A client that calls through a line: it connects when it must, waits so long and no longer, and tells what it knows. */

import { beforeOf, messageOf, observationOf, perform } from '../fixtures/act/act.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import type { Observation, Probe } from '../fixtures/model/probe.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { isDatabaseError, openSession, type Session } from '../fixtures/wire/session.ts';
import type { Fate, Point } from './schedule.ts';

export interface Manner {
  readonly trips: 'one' | 'many';
  /** Milliseconds for each trip. */
  readonly patience: number;
  /** Called before the trip is made. */
  readonly before: (point: Point) => Promise<void>;
  /** Called when the trip has been sent; null: not connected. */
  readonly during: (point: Point, processId: number) => Promise<void>;
}

export interface Client {
  call(probe: Probe, manner: Manner): Promise<Fate>;
  /** As a pool does with a connection that it does not trust. */
  drop(): void;
}

/** @param name by which its backends are found */
export function clientOf(access: ServerAccess, database: string, name: string): Client {
  let session: Session | null = null;
  const drop = () => {
    session?.destroy();
    session = null;
  };
  const connected = async (patience: number): Promise<Session> => {
    const options = { database, as: 'login', applicationName: name, connectTimeout: patience } as const;
    session ??= await openSession(access, options);
    return session;
  };
  return {
    drop,
    call: async (probe, manner) => {
      const fate = await called(connected, probe, manner);
      if (fate.state === 'lost') drop();
      return fate;
    },
  };
}

async function called(
  connected: (patience: number) => Promise<Session>,
  probe: Probe,
  { trips, patience, before, during }: Manner,
): Promise<Fate> {
  let mayHold = false;
  let heard: Observation | null = null;
  const trip = async <T>(session: Session, point: Point, send: () => Promise<T>): Promise<T> => {
    await before(point);
    if (point === 'commit') mayHold = true;
    const sent = within(patience, send());
    const [answer, struck] = await Promise.allSettled([sent, during(point, session.processId)]);
    if (struck.status === 'rejected') throw struck.reason;
    if (answer.status === 'rejected') throw answer.reason;
    return answer.value;
  };
  try {
    await before('connecting');
    const session = await connected(patience);
    if (trips === 'one') {
      await before('between');
      await before('query');
      return fateOf(await trip(session, 'commit', () => perform(session, probe)));
    }
    const opening = messageOf(['BEGIN', ...beforeOf(probe)]);
    await trip(session, 'between', () => session.script(opening));
    const said = await trip(session, 'query', () => session.observe(probe.sql));
    heard = observationOf(probe, said, 0);
    const fate = fateOf(heard);
    const ending = heard.error === null ? 'COMMIT' : 'ROLLBACK';
    const { error } = await trip(session, 'commit', () => session.observe(ending));
    return error === null ? fate : fateOf({ ...heard, error });
  } catch (error) {
    const isRefused = heard !== null && heard.error !== null;
    if (isRefused && heard !== null) return fateOf(heard);
    return { state: 'lost', code: lossOf(error), mayHold, heard };
  }
}

/** Deadlock, serialization, a statement cancelled or a lock not had, no resources: all of it is taken back, and another try may do. */
const passing = /^(40001|40P01|57014|55P03|53\d\d\d|25P0[34])$/;

function fateOf(heard: Observation): Fate {
  const code = heard.error?.sqlstate;
  return code !== undefined && passing.test(code) ? { state: 'undone', code } : { state: 'answered', heard };
}

const silence = 'no answer in time';
class Silence extends Error {}

async function within<T>(milliseconds: number, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Silence(silence)), milliseconds);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** By what a client knows that its connection is of no use: the server's code, the socket's, or the driver's word. @throws what is no loss */
function lossOf(error: unknown): string {
  if (error instanceof Silence) return silence;
  if (isDatabaseError(error)) return error.code;
  if (error instanceof CannotRun) return isDatabaseError(error.cause) ? error.cause.code : '57P02';
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  if (/terminated|timeout expired|not queryable/.test(String(message))) return String(message);
  throw error;
}
