/** Clients whose clocks are off, and what they send by them. */

import type { Persona } from '../../fixtures/model/persona.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Fault } from '../faults/fault.ts';
import type { ScenarioStage } from '../scenario.ts';
import { ask, type Client, connected, type Heard, said } from './calls.ts';
import { type Core, key, message } from './core.ts';

/** A client's clock, in milliseconds beside the server's. */
export interface Clock {
  offset: number;
}

export function skewed(milliseconds: number): Fault<Clock> {
  const way = milliseconds < 0 ? 'behind' : 'ahead';
  return {
    id: `clock ${way}`,
    says: `the clients' clock is ${Math.abs(milliseconds)} ms ${way}`,
    apply: async (clock) => {
      clock.offset = milliseconds;
      return async () => {
        clock.offset = 0;
      };
    },
  };
}

export interface Ground {
  readonly stage: ScenarioStage;
  readonly core: Core;
  readonly clock: Clock;
  /** 1: ahead, -1: behind. */
  readonly way: 1 | -1;
}

export const clientOf = ({ stage }: Ground, { name }: Persona): Client => ({ name, line: stage.line });

interface Call {
  readonly persona: Persona;
  readonly key: string;
  /** What the client's clock shows; absent: the server's time and the offset. */
  readonly at?: number;
}

export interface Sent extends Call {
  readonly at: number;
  readonly heard: Heard;
  /** The server's time before and after. */
  readonly since: number;
  readonly until: number;
}

/** All at once; `meanwhile` comes about when they are connected. */
export async function send(
  ground: Ground,
  calls: readonly Call[],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<readonly Sent[]> {
  const { stage, core, clock } = ground;
  const sessions = await Promise.all(calls.map(({ persona }) => connected(stage, clientOf(ground, persona))));
  await meanwhile();
  const since = await serverTime(stage);
  const sent = await Promise.all(
    calls.map(async ({ persona, key: under, at = since + clock.offset }, n) => {
      const shown = new Date(at).toISOString();
      stage.tell(persona.name, `sends, and by the clock it is ${shown}`);
      const heard = await ask(
        sessions[n] as Session,
        message(persona, core.scope, { p_key: under, p_client_ts: shown }),
      );
      stage.tell(persona.name, said(heard));
      return { persona, key: under, at, heard, since };
    }),
  );
  const until = await serverTime(stage);
  return sent.map((one) => ({ ...one, until }));
}

/** Each member with a message of their own. */
export function messages({ core }: Ground): readonly Call[] {
  return core.members.map((persona) => ({ persona, key: key() }));
}

async function serverTime({ db }: ScenarioStage): Promise<number> {
  const { rows } = await db.owner.query('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS now');
  return Number(rows[0]?.['now']);
}
