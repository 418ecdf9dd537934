/** Strikes a call while it waits in the server: with a fault of the server that the client feels. */

import type { Database } from '../fixtures/lab/lab.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import type { Session } from '../fixtures/wire/session.ts';
import { CannotOccur, type Healing } from './faults/fault.ts';
import type { Field, ServerFault } from './faults/field.ts';
import { holdTables, isWaiting, release } from './hold.ts';
import type { Line } from './line.ts';

export interface HoldingGround {
  readonly access: ServerAccess;
  readonly db: Database;
  /** Superuser, direct; it holds up calls and does nothing else. */
  readonly keeper: Session;
  /** Tables that most calls come to: while they are locked a call waits. */
  readonly gates: readonly string[];
}

export interface Held {
  /** Nobody comes past the gates from here on. */
  readonly close: () => Promise<void>;
  /** Strikes as soon as the backend waits, and lets it go. False: it does not wait, or has nothing that could be struck. */
  readonly strike: (processId: number, hasEnded: () => boolean) => Promise<boolean>;
  readonly heal: () => Promise<void>;
}

/** Milliseconds that a call takes to come to a gate, at most. */
const PATIENCE = 10_000;

/** The client must connect after this, and nobody else may have a transaction open. */
export async function heldBy(fault: ServerFault, line: Line, ground: HoldingGround): Promise<Held> {
  const { access, db, keeper, gates } = ground;
  let victim: number | null = null;
  const field: Field = {
    ...{ access, db, owner: db.owner, proxy: line.proxy, server: null },
    victim: () => victim,
    holder: () => keeper,
  };
  const disarm = await fault.arm?.(field);
  let healing: Healing | null = null;
  return {
    close: () => holdTables(keeper, db.catalog, gates),
    strike: async (processId, hasEnded) => {
      victim = processId;
      try {
        if (!(await isWaiting(db.owner, processId, hasEnded, PATIENCE))) return false;
        healing = await fault.apply(field);
        return true;
      } catch (error) {
        if (error instanceof CannotOccur) return false;
        throw error;
      } finally {
        await release(keeper);
      }
    },
    heal: async () => {
      await healing?.();
      await disarm?.();
    },
  };
}
