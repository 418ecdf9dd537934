/** The lines of a schedule: which fault is on which, and the end of everything that still goes by them. */

import type { Session } from '../fixtures/wire/session.ts';
import { disable } from './faults/down.ts';
import type { Fault, Healing, Wire } from './faults/fault.ts';
import type { Line } from './line.ts';

export interface Lines {
  readonly count: number;
  at(line: number): Line;
  /** The fault that is on the line; null: it is sound. */
  faultOf(line: number): Fault<Wire> | null;
  /** For a fault that only strikes connections that were opened beside it. */
  arm(line: number, fault: Fault<Wire>): Promise<void>;
  strike(line: number, fault: Fault<Wire>): Promise<void>;
  heal(line: number): Promise<void>;
  /** Cuts everybody off until no backend is left; faults stay. False: one does not end. */
  cut(): Promise<boolean>;
}

/** A backend that nobody talks to has this long to end, in milliseconds. */
const longest = 15_000;

/** @param name of the clients' backends */
export function linesOf(lines: readonly Line[], owner: Session, name: string): Lines {
  const faults = new Map<number, Fault<Wire>>();
  const healings = new Map<number, Healing[]>();
  const at = (line: number): Line => lines[line % lines.length] as Line;
  const keep = (line: number, healing: Healing) => {
    healings.set(line, [healing, ...(healings.get(line) ?? [])]);
  };
  return {
    count: lines.length,
    at,
    faultOf: (line) => faults.get(line) ?? null,
    arm: async (line, fault) => {
      faults.set(line, fault);
      if (fault.arm) keep(line, await fault.arm(at(line)));
    },
    strike: async (line, fault) => {
      faults.set(line, fault);
      keep(line, await fault.apply(at(line)));
    },
    heal: async (line) => {
      for (const heal of healings.get(line) ?? []) await heal();
      healings.delete(line);
      faults.delete(line);
    },
    cut: async () => {
      // A line that is down already must stay so when the others come back.
      const sound = lines.filter((_, line) => faults.get(line)?.id !== 'down');
      const enabling = await Promise.all(sound.map(disable));
      const isGone = await gone(owner, name);
      for (const enable of enabling) await enable();
      return isGone;
    },
  };
}

async function gone(owner: Session, name: string): Promise<boolean> {
  const began = performance.now();
  while (performance.now() - began < longest) {
    const { rows } = await owner.query('SELECT 1 FROM pg_stat_activity WHERE application_name = $1', [name]);
    if (rows.length === 0) return true;
  }
  return false;
}
