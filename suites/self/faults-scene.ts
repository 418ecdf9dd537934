/** A field for tests of server faults: a clone, a client in it, and a line that nothing is sent by. */

import { expect, inject, onTestFinished } from 'vitest';
import type { Field } from '../../chaos/faults/field.ts';
import { openSwitchboard } from '../../chaos/line.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import { isDatabaseError, type Session } from '../../fixtures/wire/session.ts';

export interface FaultScene {
  readonly field: Field;
  /** The client that is struck; of the login role, with a table `written` that it may write. */
  readonly client: Session;
}

/** A scene of its own, gone with the test. */
export async function faultScene(lab: Lab): Promise<FaultScene> {
  const access = inject('server');
  const db = await lab.clone({ project: 'supabase/memory', platform: 'supabase' });
  onTestFinished(() => db[Symbol.asyncDispose]());
  const switchboard = await openSwitchboard({ access });
  onTestFinished(() => switchboard[Symbol.asyncDispose]());
  const { proxy } = await switchboard.line(access, db.name);
  await db.owner.script('CREATE TABLE public.written (mark text PRIMARY KEY); GRANT ALL ON public.written TO PUBLIC');
  const client = await db.connect();
  const field = { db, owner: db.owner, proxy, victim: () => client.processId, server: null };
  return { field, client };
}

/** What came of a call: `answered`, a SQLSTATE, or what the system calls the loss of the connection. */
export async function toldBy(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'answered';
  } catch (error) {
    return codeOf(error);
  }
}

/** Where the server itself broke down, the session hides its words behind a sentence for people. */
function codeOf(error: unknown): string {
  if (isDatabaseError(error)) return error.code;
  if (error instanceof Error && error.cause !== undefined) return codeOf(error.cause);
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}

/** Waits until the client's backend is at a statement. */
export async function atWork({ field, client }: FaultScene): Promise<void> {
  const sql = 'SELECT state FROM pg_stat_activity WHERE pid = $1';
  await expect.poll(async () => (await field.owner.query(sql, [client.processId])).rows).toEqual([{ state: 'active' }]);
}
