/** What a fault of the server strikes: a database, whoever acts in it, and the server itself where it is ours to break. */

import type { Database } from '../../fixtures/lab/lab.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { ServerControl } from '../../fixtures/servers/control.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Moment } from '../model.ts';
import type { Fault, Wire } from './fault.ts';

export interface Field extends Wire {
  /** Straight to the server. */
  readonly access: ServerAccess;
  readonly db: Database;
  /** A superuser's, straight to the server: what cuts the line does not cut it. A restart of the server does. */
  readonly owner: Session;
  /** The backend of the client that is struck; null while it has none. */
  victim(): number | null;
  /** Another session of the superuser: that whose lock the client waits for; null while it waits for none. */
  holder(): Session | null;
  /** Null: the server is shared with others, and may not be stopped, filled up or used up. */
  readonly server: ServerControl | null;
}

export interface ServerFault extends Fault<Field> {
  /** Who feels it: the client alone, everybody in the database, or on the server. */
  readonly strikes: 'client' | 'database' | 'server';
  /** True: a statement under way is to be struck before it has written; its tables are what it waits for. */
  readonly beforeWrites?: true;
  /** Moments at which it strikes one call at a time: what another gave back, this one would get. Absent: none. */
  readonly alone?: readonly Moment[];
  /** Moments at which it cannot strike, and why not. */
  readonly never: Readonly<Partial<Record<Moment, string>>>;
}

/** Whether the fault can strike at the moment; else why not, in one sentence. */
export function occurs({ never }: Pick<ServerFault, 'never'>, moment: Moment): true | string {
  return never[moment] ?? true;
}

const noBackend = 'the client has no backend on the server yet';
const noStatement = 'no statement of the client is under way yet';

/** For faults that strike a backend. */
export const beforeBackend = { connecting: noBackend } as const;

/** For faults that strike what a backend does. */
export const beforeStatements = { connecting: noBackend, 'start-up': noStatement } as const;
