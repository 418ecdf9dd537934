/** What an act does where nothing is broken: found by having it done on two clones, once and again. */

import type { Database, Lab } from '../fixtures/lab/lab.ts';
import type { Json } from '../fixtures/model/world.ts';
import type { Exchange } from '../fixtures/wire/session.ts';
import { type Client, connectClient } from './client.ts';
import { differingLeaves, type Effects, effectsOf, type Run } from './effects.ts';
import { countSteps, stepsOf } from './hold.ts';
import type { Act, Told } from './model.ts';
import { changesBetween, leavesOf, readState, type State, type StoredTable, storedTables } from './stored.ts';
import { tripsOf } from './trips.ts';

export interface Faultless {
  /** What is stored before it, in every copy. */
  readonly before: State;
  readonly effects: Effects;
  /** Tables in which something changes. */
  readonly touched: readonly string[];
  /** Statements that write to those tables, triggers' and functions' own included. */
  readonly steps: number;
  /** What is answered, but for what differs from call to call. */
  readonly reply: Reply;
}

export interface Reply {
  readonly volatile: ReadonlySet<string>;
  readonly said: string;
}

type Attempt = Pick<Act, 'probe' | 'transaction'>;

/** Milliseconds; nothing is broken, so that whoever needs them is slow and not lost. */
export const PATIENT = 15_000;

/**
 * @param source at rest; what it does is seen on copies
 * @param second what is done on the second copy; the values in which the two differ are not the act's own
 * @returns what it does, or why it does not work when a web backend makes it
 */
export async function learn(
  lab: Lab,
  source: Database,
  attempt: Attempt,
  second = attempt,
): Promise<(Faultless & Pick<Act, 'repeats'>) | { readonly because: string }> {
  await using one = await lab.copy(source);
  const tables = storedTables(one.catalog);
  const mine = await runOn(lab, one, attempt, tables, 'plain');
  if ('because' in mine) return mine;
  const touched = [...new Set([...mine.run.once, ...mine.run.twice].map(({ table }) => table))].toSorted();
  await using other = await lab.copy(source);
  await countSteps(other.owner, other.catalog, touched);
  const theirs = await runOn(lab, other, second, tables, 'after a try');
  if ('because' in theirs) return theirs;
  const effects = effectsOf(mine.run, theirs.run);
  const volatile = differingLeaves(leavesOf(mine.reply), leavesOf(theirs.reply));
  return {
    before: mine.before,
    effects,
    touched,
    steps: theirs.steps,
    reply: { volatile, said: replySaid(mine.reply, volatile) },
    repeats: JSON.stringify(effects.once) === JSON.stringify(effects.twice) ? 'once' : 'again',
  };
}

interface Ran {
  readonly before: State;
  readonly run: Run;
  readonly reply: Json;
  readonly steps: number;
}

/** `after a try`: what has been tried and undone before draws other numbers of sequences. */
async function runOn(
  lab: Lab,
  database: Database,
  attempt: Attempt,
  tables: readonly StoredTable[],
  how: 'plain' | 'after a try',
): Promise<Ran | { readonly because: string }> {
  const before = await readState(database.owner, tables);
  const client = await connectClient({
    access: lab.access,
    database: database.name,
    application: 'chaos',
    bound: PATIENT,
  });
  if ('state' in client) throw new Error('a client cannot connect, and nothing is broken');
  if (how === 'after a try' && attempt.transaction === 'block') await tryOut(client, attempt);
  const started = await stepsOf(database.owner);
  const { told, reply } = await haveDone(client, attempt);
  if (told.state !== 'answered')
    return { because: `committed, it is refused (${told.state === 'refused' ? told.sqlstate : told.code})` };
  const steps = (await stepsOf(database.owner)) - started;
  const once = changesBetween(before, await readState(database.owner, tables));
  await haveDone(client, attempt);
  const twice = changesBetween(before, await readState(database.owner, tables));
  client.cut();
  return { before, run: { once, twice }, reply, steps };
}

async function tryOut(client: Client, attempt: Attempt): Promise<void> {
  const { before, act, giveUp } = tripsOf(attempt);
  for (const message of [...before, act, giveUp]) await client.ask(message);
}

/** The whole act, and what its own statement was answered; what is refused is given up. */
export async function haveDone(
  client: Client,
  attempt: Attempt,
): Promise<{ readonly told: Told; readonly reply: Json }> {
  const { before, act, commit, giveUp } = tripsOf(attempt);
  let reply: Json = null;
  for (const message of [...before, act, commit]) {
    const { told, exchange } = await client.ask(message);
    if (message === act) reply = replyOf(exchange);
    if (told.state === 'answered') continue;
    if (told.state === 'refused' && client.isAlive()) await client.ask(giveUp);
    return { told, reply };
  }
  return { told: { state: 'answered' }, reply };
}

/** Rows as the wire carries them; a text that is JSON is taken apart. */
export function replyOf(exchange: Exchange | null): Json {
  const [reply] = exchange?.replies ?? [];
  if (!reply) return null;
  const rows = reply.rows.map((row) => row.map((cell) => parsed(cell)));
  return { command: reply.command, count: reply.count, rows };
}

function parsed(cell: string | null): Json {
  if (cell === null || !/^[[{]/.test(cell)) return cell;
  try {
    return JSON.parse(cell);
  } catch {
    return cell;
  }
}

/** @param volatile ways to values that are left out */
export function replySaid(reply: Json, volatile: ReadonlySet<string>): string {
  return JSON.stringify([...leavesOf(reply)].filter(([path]) => !volatile.has(path)).toSorted());
}
