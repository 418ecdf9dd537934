/** How a scenario's clients call: one request, one answer or none, and the same request again. */

import { become, beforeOf, messageOf } from '../../fixtures/act/act.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { isDatabaseError, openSession, type Session } from '../../fixtures/wire/session.ts';
import type { Line } from '../line.ts';
import type { ScenarioStage } from '../scenario.ts';

/** What an RPC replies; all replies of the systems say `ok` and `code`. */
export type Reply = Readonly<Record<string, unknown>> & { readonly ok?: boolean; readonly code?: string };

/** What a client was told. `lost`: the connection was refused, cut or silent; `code` as Node or the driver names it. */
export type Heard =
  | { readonly state: 'answered'; readonly reply: Reply }
  | { readonly state: 'refused'; readonly sqlstate: string }
  | { readonly state: 'lost'; readonly code: string };

/** Milliseconds after which a client gives up on an answer: far more than any call takes, and than what the server promises. */
export const PATIENCE = 5_000;

/** Somebody at a screen: calls through a line, each time on a connection of their own. */
export interface Client {
  readonly name: string;
  readonly line: Line;
  /** Milliseconds after which they give up. */
  readonly patience?: number;
}

/** Connected, and known to be: one round trip has been made, so that a fault struck from now on strikes the connection. */
export async function connected(
  { db }: Pick<ScenarioStage, 'db'>,
  { line, patience = PATIENCE }: Client,
): Promise<Session> {
  const session = await openSession(line.access, { database: db.name, as: 'login', answerTimeout: patience });
  await session.query('SELECT 1');
  return session;
}

/** One request in one message, committed with it; whatever comes, the connection is done with. */
export function ask(session: Session, probe: Probe): Promise<Heard> {
  return heardBy(session, async () => {
    const before = beforeOf(probe);
    const { error, replies } = await session.observe(messageOf([...before, probe.sql]));
    return error ? { state: 'refused', sqlstate: error.sqlstate } : answered(replies[before.length]?.rows[0]?.[0]);
  });
}

/** The same as a pool does it: BEGIN, the call and COMMIT are messages of their own. `between` comes before COMMIT. */
export function askInPieces(session: Session, { persona, sql }: Probe, between: () => Promise<void>): Promise<Heard> {
  return heardBy(session, async () => {
    await session.script(['BEGIN', ...become(persona)].join(';'));
    const { rows } = await session.query(sql);
    await between();
    await session.query('COMMIT');
    return { state: 'answered', reply: rows[0]?.['reply'] as Reply };
  });
}

/** Connects and asks. */
export async function call(stage: Pick<ScenarioStage, 'db'>, client: Client, probe: Probe): Promise<Heard> {
  try {
    return await ask(await connected(stage, client), probe);
  } catch (error) {
    return failed(error);
  }
}

/** What another moment may mend. */
const PASSING = new Set(['40001', '40P01', '53300', '55P03', '57014', '57P01', '57P03']);

/** The same request again and again until something final is heard; what was heard last. */
export async function insist(
  stage: Pick<ScenarioStage, 'db'>,
  client: Client,
  probe: Probe,
  times = 4,
): Promise<Heard> {
  for (let n = 1; ; n += 1) {
    const heard = await call(stage, client, probe);
    const final = heard.state === 'answered' || (heard.state === 'refused' && !PASSING.has(heard.sqlstate));
    if (final || n === times) return heard;
  }
}

/** In words, for the timeline and the evidence. */
export function said(heard: Heard): string {
  if (heard.state === 'answered') return `answered ${heard.reply?.code}`;
  return heard.state === 'refused' ? `refused ${heard.sqlstate}` : `no answer (${heard.code})`;
}

/** How often each word came, e.g. `answered event_appended × 3, no answer (ECONNRESET)`. */
export function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count > 1 ? `${word} × ${count}` : word)).join(', ') || 'none';
}

async function heardBy(session: Session, asking: () => Promise<Heard>): Promise<Heard> {
  try {
    return await asking();
  } catch (error) {
    return failed(error);
  } finally {
    session.destroy();
  }
}

function answered(reply: string | null | undefined): Heard {
  return { state: 'answered', reply: JSON.parse(reply ?? 'null') as Reply };
}

/** What the server itself said stands behind an error that ends a run elsewhere. */
function failed(error: unknown): Heard {
  for (const one of [error, error instanceof Error ? error.cause : null])
    if (isDatabaseError(one)) return { state: 'refused', sqlstate: one.code };
  if (!(error instanceof Error)) throw error;
  const code: unknown = Reflect.get(error, 'code');
  return { state: 'lost', code: typeof code === 'string' ? code : error.message };
}
