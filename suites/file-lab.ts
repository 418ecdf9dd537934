/** The lab of one test file of a reference system, and the way by which its callers come in. */

import { afterAll, afterEach, inject } from 'vitest';
import type { Caller } from '../fixtures/act/act.ts';
import type { FrontDoor } from '../fixtures/door/door.ts';
import { doorOf } from '../fixtures/engine/scene-door.ts';
import { quickDoor } from '../fixtures/http/quick-door.ts';
import { throughDoor, type Ways } from '../fixtures/http/through.ts';
import { type Database, type Lab, openLab } from '../fixtures/lab/lab.ts';
import type { DoorNotes } from '../fixtures/model/summary.ts';

export interface FileLab extends Lab {
  /** Where the file's tests run over HTTP. */
  readonly door?: {
    /** Hears which way each statement took. */
    readonly ways: Ways;
    open(db: Database): Promise<FrontDoor>;
  };
}

/** Opens a lab on the run's server, closed after the file's tests. */
export function fileLab(): FileLab {
  const lab = openLab(inject('server'));
  const doors: FrontDoor[] = [];
  afterAll(async () => {
    await Promise.all(doors.map((door) => door[Symbol.asyncDispose]()));
    await lab[Symbol.asyncDispose]();
  });
  if (inject('door') !== 'http') return lab;
  const open = async ({ name, catalog, template }: Database) => {
    // The tests may have changed the schema since the catalog was read: the door reads its own.
    const door = await quickDoor({ access: lab.access, database: name, config: doorOf(template.project, catalog) });
    doors.push(door);
    return door;
  };
  return { ...lab, door: { ways: toldInEachTest(), open } };
}

/** A genuine login for calls one after the other, or the front door before it. To be closed before the database. */
export async function callerOn({ door }: FileLab, db: Database): Promise<Caller> {
  const session = await db.connect();
  if (door === undefined) return session;
  const { schemas } = doorOf(db.template.project, db.catalog);
  return throughDoor(session, () => door.open(db), { catalog: db.catalog, schemas }, door.ways);
}

function toldInEachTest(): Ways {
  const none = { door: null, http: 0, wire: {} };
  let notes: DoorNotes = none;
  afterEach(({ task }) => {
    task.meta.door = notes;
    notes = none;
  });
  return {
    http: (door) => {
      notes = { ...notes, door, http: notes.http + 1 };
    },
    wire: (reason) => {
      notes = { ...notes, wire: { ...notes.wire, [reason]: (notes.wire[reason] ?? 0) + 1 } };
    },
  };
}
