/** A scenario as a value, and what runs it: on the system as it is, or with one of its protections removed. */

import type { Database } from '../fixtures/lab/lab.ts';
import type { Fault, Healing } from './faults/fault.ts';
import type { Line } from './line.ts';
import type { Claim, Kind, ScenarioId, ScenarioResult, Strike, TimelineEntry } from './model.ts';

/** What a scenario is held by: removed, the scenario must be broken. */
export interface Protection {
  readonly id: string;
  /** Statements of the owner that remove it. */
  readonly remove: readonly string[];
}

export interface Scenario {
  readonly id: ScenarioId;
  readonly title: string;
  /** Name of the folder under `supabase/`. */
  readonly system: string;
  readonly kind: Kind;
  readonly mustHold: string;
  readonly protections: readonly Protection[];
  /** Acts, strikes and claims; what it throws makes the verdict unknown and is its reason. */
  run(stage: ScenarioStage): Promise<void>;
}

export interface ScenarioStage {
  /** A clone of the system, its own. */
  readonly db: Database;
  /** The way to it through a fault proxy. */
  readonly line: Line;
  readonly seed: number;
  /** Writes a line of the timeline. */
  tell(who: string, what: string): void;
  /** Brings the fault about and notes when; so does the healing that it gives. A fault not healed is healed at the end. */
  strike<Ground>(fault: Fault<Ground>, ground: Ground): Promise<Healing>;
  /** States what must hold and whether it does; `null`: what it needs was not there. */
  claim(says: string, held: boolean | null, seen: string): void;
}

export interface ScenarioGround {
  readonly db: Database;
  readonly line: Line;
  readonly seed: number;
}

/** Runs the scenario once; every fault is healed when it returns. Verdict: broken where a claim is not held, unknown where one could not be judged or there is none. */
export async function runScenario(scenario: Scenario, { db, line, seed }: ScenarioGround): Promise<ScenarioResult> {
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const timeline: TimelineEntry[] = [];
  const schedule: Strike[] = [];
  const evidence: Claim[] = [];
  const unhealed = new Set<Healing>();
  const tell = (who: string, what: string) => void timeline.push({ at: now(), who, what });
  const strike: ScenarioStage['strike'] = async (fault, ground) => {
    const heal = await fault.apply(ground);
    const at = schedule.push({ fault: fault.id, from: now(), to: null }) - 1;
    timeline.push({ at: now(), who: 'fault', what: fault.says, begins: at });
    const healing = async () => {
      if (!unhealed.delete(healing)) return;
      await heal();
      schedule[at] = { fault: fault.id, from: schedule[at]?.from ?? 0, to: now() };
      timeline.push({ at: now(), who: 'fault', what: `${fault.id} is healed`, ends: at });
    };
    unhealed.add(healing);
    return healing;
  };
  const claim = (says: string, held: boolean | null, seen: string) => {
    evidence.push({ says, held, seen });
    timeline.push({ at: now(), who: 'claim', what: `${says} (${seen})`, held });
  };
  try {
    await scenario.run({ db, line, seed, tell, strike, claim });
  } catch (error) {
    claim('the scenario comes to its end', null, error instanceof Error ? error.message : String(error));
  } finally {
    for (const heal of [...unhealed].reverse()) await heal();
  }
  const { id, title, system, kind, mustHold } = scenario;
  const verdict = verdictOf(evidence);
  const milliseconds = Math.round(performance.now() - began);
  return { id, title, system, kind, verdict, mustHold, schedule, evidence, timeline, seed, milliseconds };
}

function verdictOf(evidence: readonly Claim[]): ScenarioResult['verdict'] {
  if (evidence.some(({ held }) => held === false)) return 'broken';
  return evidence.length === 0 || evidence.some(({ held }) => held === null) ? 'unknown' : 'held';
}
