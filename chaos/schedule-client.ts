/** A client of a schedule: it connects when it must, makes its call in one trip or many, and tells what it knows. */

import { beforeOf, messageOf, observationOf } from '../fixtures/act/act.ts';
import type { Observation, Probe } from '../fixtures/model/probe.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { type Asked, type Client as Connection, connectClient } from './client.ts';
import type { Told } from './model.ts';
import type { Fate, Point } from './schedule.ts';
import { tripsOf } from './trips.ts';

export interface Manner {
  readonly trips: 'one' | 'many';
  /** Milliseconds for each trip. */
  readonly patience: number;
  /** Called before the trip is made. */
  readonly before: (point: Point) => Promise<void>;
  /** Called when the trip has been sent. */
  readonly during: (point: Point, processId: number, hasEnded: () => boolean) => Promise<void>;
}

export interface Client {
  call(probe: Probe, manner: Manner): Promise<Fate>;
  /** As a pool does with a connection that it does not trust. */
  drop(): void;
}

/** @param name by which its backends are found */
export function clientOf(access: ServerAccess, database: string, name: string): Client {
  let connection: Connection | null = null;
  const drop = () => {
    connection?.cut();
    connection = null;
  };
  const connected = async (bound: number): Promise<Connection | Told> => {
    if (connection === null) {
      const made = await connectClient({ access, database, application: name, bound });
      if ('state' in made) return made;
      connection = made;
    }
    connection.hurry(bound);
    return connection;
  };
  return {
    drop,
    call: async (probe, manner) => {
      await manner.before('connecting');
      const at = await connected(manner.patience);
      if ('state' in at) return { state: 'lost', code: codeOf(at), mayHold: false, heard: null };
      const fate = manner.trips === 'one' ? await inOne(at, probe, manner) : await inMany(at, probe, manner);
      if (fate.state === 'lost') drop();
      return fate;
    },
  };
}

async function inOne(connection: Connection, probe: Probe, manner: Manner): Promise<Fate> {
  await manner.before('between');
  await manner.before('query');
  const before = beforeOf(probe);
  const asked = await trip(connection, 'commit', messageOf([...before, probe.sql]), manner);
  return fateOf(asked, () => observationOf(probe, asked.exchange ?? silence, before.length), true);
}

async function inMany(connection: Connection, probe: Probe, manner: Manner): Promise<Fate> {
  const { before, act, commit, giveUp } = tripsOf({ probe, transaction: 'block' });
  const { told } = await trip(connection, 'between', messageOf(before), manner);
  if (told.state !== 'answered') return { state: 'lost', code: codeOf(told), mayHold: false, heard: null };
  const said = await trip(connection, 'query', act, manner);
  const heard = observationOf(probe, said.exchange ?? silence, 0);
  const fate = fateOf(said, () => heard, false);
  if (fate.state === 'lost') return fate;
  const isRefused = said.told.state === 'refused';
  const ended = await trip(connection, 'commit', isRefused ? giveUp : commit, manner);
  // What was refused stays so, whether its ROLLBACK arrives or not.
  if (isRefused) return fate;
  return fateOf(ended, () => (ended.exchange?.error ? { ...heard, error: ended.exchange.error } : heard), true, heard);
}

const silence = { replies: [], error: null, notices: [], elapsed: 0 };

async function trip(connection: Connection, point: Point, sql: string, { before, during }: Manner): Promise<Asked> {
  await before(point);
  let ended = false;
  const asked = connection.ask(sql).finally(() => {
    ended = true;
  });
  const [answer] = await Promise.all([asked, during(point, connection.processId, () => ended)]);
  return answer;
}

/** Deadlock, serialization, a statement cancelled or a lock not had, no resources: all of it is taken back, and another try may do. */
const passing = /^(40001|40P01|57014|55P03|53\d\d\d|25P0[34])$/;
/** The backend was ended: what it had done by then is not said. */
const ending = /^57P0\d$/;

/** @param heard of the statement, where COMMIT came to nothing */
function fateOf(
  { told }: Asked,
  observed: () => Observation,
  isCommit: boolean,
  heard: Observation | null = null,
): Fate {
  const code = codeOf(told);
  if (told.state === 'lost' || ending.test(code)) return { state: 'lost', code, mayHold: isCommit, heard };
  return passing.test(code) ? { state: 'undone', code } : { state: 'answered', heard: observed() };
}

function codeOf(told: Told): string {
  if (told.state === 'answered') return '';
  return told.state === 'lost' ? told.code : told.sqlstate;
}
