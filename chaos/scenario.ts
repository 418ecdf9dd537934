/** A scenario as a value, and what runs it: on the system as it is, or with one of its protections removed. */

import type { Database } from '../fixtures/lab/lab.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import type { Fault, Healing } from './faults/fault.ts';
import type { Line } from './line.ts';
import type { Claim, Kind, ScenarioId, ScenarioResult, Strike, TimelineEntry } from './model.ts';

/** What a scenario is held by: removed, the scenario must be broken. With neither guards nor statements it is the client's own, who asks `stage.without`. */
export interface Protection {
  readonly id: string;
  /** Guards by the names that `npm run mutate -- <folder> --map` shows; its operators remove them. */
  readonly guards?: readonly string[];
  /** Statements of the owner that remove what no operator does. */
  readonly remove?: readonly string[];
}

/** A protection on its way out. */
export interface Removed {
  readonly id: string;
  /** Statements of the owner; `openRemover` (removal.ts) finds them. */
  readonly sql: readonly string[];
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
  /** Straight to its server. */
  readonly access: ServerAccess;
  /** The way to it through a fault proxy. */
  readonly line: Line;
  /** A further way, with faults of its own; closed at the end. */
  open(): Promise<Line>;
  readonly seed: number;
  /** The protection that this run goes without; null: none. */
  readonly without: Removed | null;
  /** Writes a line of the timeline. */
  tell(who: string, what: string): void;
  /** Of a fault that must be there before the connections that it is to strike; undone at the end. */
  arm<Ground>(fault: Fault<Ground>, ground: Ground): Promise<void>;
  /** Brings the fault about and notes when; so does the healing that it gives. A fault not healed is healed at the end. */
  strike<Ground>(fault: Fault<Ground>, ground: Ground): Promise<Healing>;
  /** States what must hold and whether it does; `null`: what it needs was not there. */
  claim(says: string, held: boolean | null, seen: string): void;
}

export interface ScenarioGround {
  readonly db: Database;
  readonly access: ServerAccess;
  readonly line: Line;
  readonly open: () => Promise<Line>;
  readonly seed: number;
  readonly without?: Removed;
}

/** Runs the scenario once; every fault is healed when it returns. Verdict: broken where a claim is not held, unknown where one could not be judged or there is none. */
export async function runScenario(scenario: Scenario, ground: ScenarioGround): Promise<ScenarioResult> {
  const { seed, without = null } = ground;
  for (const statement of without?.sql ?? []) await ground.db.owner.query(statement);
  const began = performance.now();
  const now = () => Math.round(performance.now() - began);
  const record = recordOf(now);
  try {
    await scenario.run({ ...ground, ...record.stage, without });
  } catch (error) {
    record.stage.claim('the scenario comes to its end', null, error instanceof Error ? error.message : String(error));
  } finally {
    await record.heal();
  }
  const { id, title, system, kind, mustHold } = scenario;
  const { schedule, evidence, timeline } = record;
  const verdict = verdictOf(evidence);
  const milliseconds = Math.round(performance.now() - began);
  return { id, title, system, kind, verdict, mustHold, schedule, evidence, timeline, seed, milliseconds };
}

function verdictOf(evidence: readonly Claim[]): ScenarioResult['verdict'] {
  if (evidence.some(({ held }) => held === false)) return 'broken';
  return evidence.length === 0 || evidence.some(({ held }) => held === null) ? 'unknown' : 'held';
}

type Notes = Pick<ScenarioResult, 'timeline' | 'schedule' | 'evidence'> & {
  readonly stage: Pick<ScenarioStage, 'tell' | 'arm' | 'strike' | 'claim'>;
  /** Whatever is not healed yet, the last first. */
  heal(): Promise<void>;
};

/** What a scenario writes while it runs. */
function recordOf(now: () => number): Notes {
  const timeline: TimelineEntry[] = [];
  const schedule: Strike[] = [];
  const evidence: Claim[] = [];
  const unhealed = new Set<Healing>();
  const tell = (who: string, what: string) => void timeline.push({ at: now(), who, what });
  const arm: ScenarioStage['arm'] = async (fault, ground) => {
    if (fault.arm) unhealed.add(await fault.arm(ground));
  };
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
  const heal = async () => {
    for (const healing of [...unhealed].reverse()) await healing();
  };
  return { timeline, schedule, evidence, heal, stage: { tell, arm, strike, claim } };
}
