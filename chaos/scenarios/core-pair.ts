/** Platform core on a primary of its own with a true standby: what clients write to and read from go by lines of their own. */

import { type Database, openLab } from '../../fixtures/lab/lab.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import { type Standby, startStandby } from '../../fixtures/servers/standby.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import type { Healing } from '../faults/fault.ts';
import { type Line, openSwitchboard } from '../line.ts';
import { folderOf } from '../perform.ts';
import type { ScenarioStage } from '../scenario.ts';

export interface Pair extends AsyncDisposable {
  /** A clone of the system on the primary. */
  readonly db: Database;
  readonly standby: Standby;
  /** From the clients to the primary. */
  readonly front: Line;
  /** From the standby to the primary. */
  readonly replication: Line;
  /** A client's connection by the front line; another after each call. */
  toPrimary(): Promise<Session>;
  toStandby(): Promise<Session>;
  /** The set-up user's, at the standby. */
  readonly atStandby: Session;
  /** As the stage's; healed before the pair ends. */
  readonly strike: ScenarioStage['strike'];
}

/** Milliseconds until a client gives up. */
const PATIENCE = 5_000;

/** A standby copies a server's files, so both are embedded, wherever the run's own server is; they end with the pair. */
export async function openPair(stage: ScenarioStage): Promise<Pair> {
  const { tell, without } = stage;
  await using made = new AsyncDisposableStack();
  const { ROWPROOF_PG_PORT: _, ROWPROOF_DATABASE_URL: __, ...env } = process.env;
  const server = made.use(await bootServer({ env: { ...env, ROWPROOF_SERVER: 'embedded' }, say: () => undefined }));
  const { access } = server;
  tell('server', `a primary of its own: ${server.summary}`);
  const db = await made.use(openLab(access)).clone({ project: folderOf('core') });
  for (const statement of without?.sql ?? []) await db.owner.query(statement);
  const switchboard = made.use(await openSwitchboard({ access }));
  const front = await switchboard.line(access, 'front');
  const replication = await switchboard.line(access, 'replication');
  const standby = made.use(await startStandby(access, replication.access));
  await db.owner.query('SET synchronous_commit = on');
  tell('server', 'its standby streams by a line of its own');
  const options = { database: db.name, answerTimeout: PATIENCE } as const;
  const sessions = new Set<Session>();
  made.defer(() => sessions.forEach((session) => void session.destroy()));
  const keep = (session: Session) => {
    sessions.add(session);
    return session;
  };
  const toStandby = async () => keep(await openSession(standby.access, { ...options, as: 'login' }));
  const toPrimary = async () => keep(await openSession(front.access, { ...options, as: 'login' }));
  const atStandby = keep(await openSession(standby.access, { ...options, as: 'admin' }));
  const healings: Healing[] = [];
  made.defer(async () => {
    for (const heal of healings.toReversed()) await heal();
  });
  const strike: Pair['strike'] = async (fault, ground) => {
    const heal = await stage.strike(fault, ground);
    healings.push(heal);
    return heal;
  };
  const all = made.move();
  const dispose = () => all.disposeAsync();
  return { db, standby, front, replication, toPrimary, toStandby, atStandby, strike, [Symbol.asyncDispose]: dispose };
}
