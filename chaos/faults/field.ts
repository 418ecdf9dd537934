/** What a fault of the server strikes: a database, whoever acts in it, and the server itself where it is ours to break. */

import type { Database } from '../../fixtures/lab/lab.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Wire } from './fault.ts';

export interface Field extends Wire {
  readonly db: Database;
  /** A superuser's, straight to the server: what cuts the line does not cut it. A restart of the server does. */
  readonly owner: Session;
  /** The backend of the client that is struck; null while it has none. */
  victim(): number | null;
  /** Null: the server is shared with others, and may not be stopped, filled up or used up. */
  readonly server: ServerControl | null;
}

/** A server of this run's own, that nobody else works on. */
export interface ServerControl {
  /** How to reach it now. */
  readonly access: ServerAccess;
  /** `fast` ends every session first; `immediate` is a crash, with a recovery at the next start. */
  stop(mode: 'fast' | 'immediate'): Promise<void>;
  /** Starts it again at the same address, and waits until it accepts connections; nothing when it runs. */
  start(): Promise<void>;
}
