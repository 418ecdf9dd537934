/** A web backend's connection out of its pool: each step is one trip, bounded in time, and says what the client was told. */

import type { Duplex } from 'node:stream';
import { CannotRun } from '../fixtures/model/errors.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { type Exchange, isDatabaseError, openSession, type Session } from '../fixtures/wire/session.ts';
import type { Told } from './model.ts';

export interface ClientOptions {
  readonly access: ServerAccess;
  readonly database: string;
  /** By which its backend is found in `pg_stat_activity`. */
  readonly application: string;
  /** Milliseconds that connecting, and each trip, may take. */
  readonly bound: number;
  /** A connected socket, on which nothing has been said yet. */
  readonly socket?: Duplex;
}

export interface Asked {
  readonly told: Told;
  /** Null where the connection was lost. */
  readonly exchange: Exchange | null;
}

export interface Client {
  /** Of its backend. */
  readonly processId: number;
  /** False once an answer did not come: a pool throws such a connection away. */
  isAlive(): boolean;
  /** Sends one message and waits for what comes back; a connection that is lost is destroyed. */
  ask(sql: string): Promise<Asked>;
  /** From now on each trip, the one under way too, may take so many milliseconds. */
  hurry(bound: number): void;
  /** Cuts the connection without a word. */
  cut(): void;
}

/** Never rejects: whoever cannot connect is told so. */
export async function connectClient(options: ClientOptions): Promise<Client | Told> {
  const { access, database, application: applicationName, bound, socket } = options;
  try {
    const session = await openSession(access, {
      database,
      as: 'login',
      applicationName,
      connectTimeout: bound,
      ...(socket === undefined ? {} : { socket: () => socket }),
    });
    return clientOf(session, bound);
  } catch (error) {
    socket?.destroy();
    return toldBy(error);
  }
}

function clientOf(session: Session, patience: number): Client {
  let alive = true;
  let bound = patience;
  let shorten: (() => void) | null = null;
  const cut = () => {
    alive = false;
    session.destroy();
  };
  const ask = async (sql: string): Promise<Asked> => {
    // The driver's own bound has no code by which it could be told from a cut, and cannot be changed under way.
    const { promise: silence, resolve } = Promise.withResolvers<Asked>();
    const wait = () => setTimeout(resolve, bound, { told: lost('no answer'), exchange: null });
    let timer = wait();
    shorten = () => {
      clearTimeout(timer);
      timer = wait();
    };
    const asked = await Promise.race([answerTo(session, sql), silence]);
    clearTimeout(timer);
    shorten = null;
    if (asked.told.state === 'lost') cut();
    return asked;
  };
  const hurry = (shorter: number) => {
    bound = shorter;
    shorten?.();
  };
  return { processId: session.processId, isAlive: () => alive, ask, hurry, cut };
}

async function answerTo(session: Session, sql: string): Promise<Asked> {
  try {
    const exchange = await session.observe(sql);
    const { error } = exchange;
    return { told: error ? { state: 'refused', sqlstate: error.sqlstate } : { state: 'answered' }, exchange };
  } catch (error) {
    return { told: toldBy(error), exchange: null };
  }
}

function toldBy(error: unknown): Told {
  // A server that breaks down ends an ordinary run; here it is what is looked at.
  const cause = error instanceof CannotRun ? error.cause : error;
  if (isDatabaseError(cause)) return { state: 'refused', sqlstate: cause.code };
  return lost(cause instanceof Error && 'code' in cause ? String(cause.code) : 'connection ended');
}

function lost(code: string): Told {
  return { state: 'lost', code };
}
