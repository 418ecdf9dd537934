/** Calls of the platform core that overlap: where they are held back, who makes them, and what they answer. */

import { perform } from '../../../fixtures/act/act.ts';
import { type Gate, queue, race, together, type Work } from '../../../fixtures/act/gate.ts';
import { signedIn } from '../../../fixtures/act/personas.ts';
import type { Persona } from '../../../fixtures/model/persona.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { literal, qualified } from '../../../fixtures/wire/escape.ts';
import type { Session } from '../../../fixtures/wire/session.ts';
import { type Reply, replyOf, type Scene } from './scene.ts';

/** Behind the row of a scope, where every call that changes something in it queues. */
export function rowOf(scope: string): Gate {
  return { lock: qualified('public', 'core_scopes'), held: { rows: `id = ${literal(scope)}` } };
}

/** Where every command looks for its outcome, before anything else happens. */
export const beginning: Gate = { lock: qualified('core', 'outcomes_hot'), held: 'ACCESS EXCLUSIVE' };

/** All at once, in no order. */
export async function raced(scene: Scene, gate: Gate, probes: readonly Probe[]): Promise<readonly Reply[]> {
  return (await race(scene.db, { ...gate, probes })).map(replyOf);
}

/** Both waiting together, and let through in their order. */
export async function queued(scene: Scene, gate: Gate, probes: readonly Probe[]): Promise<readonly Reply[]> {
  return (await queue(scene.db, { ...gate, probes })).map(replyOf);
}

/** Callers who each make several calls, one after the other; the first ones wait at the gate together. */
export function crowded(
  scene: Scene,
  gate: Gate,
  callers: readonly (readonly Probe[])[],
  ...more: readonly Work<readonly Reply[]>[]
): Promise<readonly (readonly Reply[])[]> {
  return together(scene.db, gate, [...callers.map((probes) => (caller: Session) => each(caller, probes)), ...more]);
}

/** One after the other on one connection. */
export async function each(caller: Session, probes: readonly Probe[]): Promise<readonly Reply[]> {
  const replies: Reply[] = [];
  for (const probe of probes) replies.push(replyOf(await perform(caller, probe)));
  return replies;
}

/** Resolves when a call of this session waits for what another holds. */
export async function waiting(scene: Scene, { processId }: Session): Promise<void> {
  const look = 'SELECT 1 FROM pg_locks WHERE pid = $1 AND NOT granted';
  while ((await scene.owner.query(look, [processId])).rows.length === 0);
}

/** So many people besides those of the scene. */
export async function crowd(scene: Scene, count: number): Promise<readonly Persona[]> {
  const ids = Array.from({ length: count }, (_, n) => `cccccccc-0000-4000-8000-0000000000${10 + n}`);
  await scene.owner.query('INSERT INTO auth.users (id) SELECT unnest($1::uuid[])', [ids]);
  return ids.map((id, n) => signedIn(id, `person ${n}`));
}

/** How often each code was answered; a refusal by the server under its SQLSTATE. */
export function tally(replies: readonly Reply[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { code, sqlstate } of replies) {
    const name = String(code ?? sqlstate);
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** Deadlocks that the server had to break in this database, those included which a function has caught. */
export async function deadlocks(scene: Scene): Promise<unknown> {
  // A backend counts them when it ends.
  for (;;) {
    const { rows } = await scene.owner.query(
      'SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> ALL ($1::int[])',
      [[scene.owner.processId, scene.caller.processId]],
    );
    if (rows.length === 0) break;
  }
  const { rows } = await scene.owner.query(
    'SELECT deadlocks::int AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  return rows[0]?.['count'];
}
