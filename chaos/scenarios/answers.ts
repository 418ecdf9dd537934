/** What a scenario's clients are told, and whether rows are as they were. */

import { perform } from '../../fixtures/act/act.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Session } from '../../fixtures/wire/session.ts';

/** What came back: the RPC's own reply, the SQLSTATE by which the server refused, or what became of the connection. */
export interface Answer {
  readonly ok?: boolean;
  readonly code?: string;
  readonly sqlstate?: string;
  readonly lost?: string;
  readonly [field: string]: unknown;
}

/** Asks in one message, committed; a connection that is lost is an answer, too. */
export async function ask(session: Session, probe: Probe): Promise<Answer> {
  try {
    const { error, rows } = await perform(session, probe);
    return error ? { sqlstate: error.sqlstate } : (JSON.parse(rows[0]?.[0] ?? 'null') as Answer);
  } catch (error) {
    return { lost: lossOf(error) };
  }
}

/** A connection that the server ended has the server's own code within. */
export function lossOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const codes = [error, error.cause].map((one) => (one instanceof Error && 'code' in one ? String(one.code) : ''));
  return codes.find((code) => code !== '') ?? error.message;
}

/** In few words, for the timeline. */
export function inWords({ code, message, sqlstate, lost }: Answer): string {
  if (lost !== undefined) return `no answer (${lost})`;
  return sqlstate === undefined ? (code ?? String(message ?? 'answered')) : `SQLSTATE ${sqlstate}`;
}

/** @throws Error where the call is not answered with success: then the scenario has not even begun. */
export async function must(session: Session, probe: Probe): Promise<Answer> {
  const answer = await ask(session, probe);
  if (answer.ok !== true) throw new Error(`${probe.sql.slice(0, 60)}… was answered ${inWords(answer)}`);
  return answer;
}

export type Rows = Readonly<Record<string, readonly string[]>>;

/** Tables in which the two differ. */
export function differing(a: Rows, b: Rows): readonly string[] {
  return Object.keys({ ...a, ...b }).filter((name) => JSON.stringify(a[name]) !== JSON.stringify(b[name]));
}
