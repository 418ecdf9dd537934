/** Callers of the platform core, each with a connection and a user of their own, and what they measure together. */

import { perform } from '../../fixtures/act/act.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { type Arguments, callOf } from '../acceptance/core/statements.ts';
import { type Measurement, percentile, type Spread } from './measurement.ts';

/** One call of `core_<rpc>_v1`, and the code that it has to answer. */
export interface Call {
  readonly rpc: string;
  readonly args: Arguments;
  readonly answer: string;
  /** Characters that a whole reply has: a page that is short is no answer. */
  readonly atLeast?: number;
  /** Who calls, where it is not the caller's own user. */
  readonly user?: string;
}

/** The call that caller number `at` makes in a round; rounds of the warm-up are counted first. */
export type Plan = (at: number, round: number) => Call;

export interface Rounds {
  /** Calls of each caller that are not measured: plans are cached and pages read. */
  readonly warmUp: number;
  /** Calls of each caller that are. */
  readonly measured: number;
}

/** User number `n`; the callers are the first. */
export function userOf(n: number): string {
  return `cccccccc-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Everybody calls at the same time, each the next time as soon as the last call has answered. */
export async function callTogether(
  sessions: readonly Session[],
  { warmUp, measured }: Rounds,
  plan: Plan,
): Promise<Spread> {
  const times: number[] = [];
  const others: Record<string, number> = {};
  await Promise.all(
    sessions.map(async (session, at) => {
      for (let round = 0; round < warmUp + measured; round += 1) {
        const { rpc, args, answer, atLeast, user = userOf(at) } = plan(at, round);
        const sql = callOf(`core_${rpc}_v1`, args);
        const observation = await perform(session, { persona: signedIn(user), sql });
        if (round < warmUp) continue;
        times.push(observation.elapsed);
        const code = codeOf(observation, atLeast);
        if (code !== answer) others[code] = (others[code] ?? 0) + 1;
      }
    }),
  );
  const refused = Object.values(others).reduce((sum, count) => sum + count, 0);
  return {
    p50: percentile(times, 0.5),
    p95: percentile(times, 0.95),
    p99: percentile(times, 0.99),
    calls: times.length,
    succeeded: times.length - refused,
    others,
  };
}

/** Read off the head of the reply: to parse a page of the timeline would hold up the other callers. */
function codeOf({ error, rows }: Observation, atLeast = 0): string {
  if (error) return error.sqlstate;
  const reply = rows[0]?.[0] ?? '';
  if (reply.length < atLeast) return 'short reply';
  return /"code": "(\w+)"/.exec(reply.slice(0, 100))?.[1] ?? 'no reply';
}

/** The level of one spread: a percentile below its limit, the rest of the spread beside it. */
export function levelOf(level: string, spread: Spread, of: 'p95' | 'p99', target: Measurement['target']): Measurement {
  const rest = (['p50', 'p95', 'p99'] as const).filter((name) => name !== of);
  const said = rest.map((name) => `${name} ${spread[name].toFixed(1)}`).join(', ');
  const others = Object.entries(spread.others).map(([code, count]) => `${code} ${count}`);
  const answered = `${spread.succeeded} of ${spread.calls} answered`;
  return {
    system: 'core',
    level: `${level}, ${of}`,
    measured: spread[of],
    unit: 'ms',
    target,
    under: `${said}; ${[answered, ...others].join(', ')}`,
    spread,
  };
}
