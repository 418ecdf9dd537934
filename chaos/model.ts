/** What passes between the rooms of chaos: acts, moments, cells and scenarios, as data. */

import type { Probe } from '../fixtures/model/probe.ts';

/** A blocking one that is not held fails the run; a warning is shown. */
export type Kind = 'blocking' | 'warning';

/** `unknown`: what the verdict needs was not there, e.g. nobody was seen waiting for the lock. It fails as `broken` does. */
export type ChaosVerdict = 'held' | 'broken' | 'unknown';

/** When a fault strikes a call: before it is connected, before it has logged in, while a statement or COMMIT is under way, or between two. */
export const moments = ['connecting', 'start-up', 'query', 'between', 'commit'] as const;
export type Moment = (typeof moments)[number];

/** Something that a client does and commits: a call of an RPC, or a write that policies guard. */
export interface Act {
  /** e.g. `core_append_event_v1(uuid, text, jsonb, text)` or `INSERT public.posts`. */
  readonly name: string;
  readonly system: string;
  readonly kind: 'rpc' | 'write';
  /** `given` is committed beforehand by the owner, and no part of the act. */
  readonly probe: Probe;
  /** Whether the same call, made again, changes nothing more: promised by a key that it brings, or found by making it twice. */
  readonly repeats: 'once' | 'again';
  /** `own`: it ends its transactions itself (a procedure that commits), and so cannot be called within one. */
  readonly transaction: 'block' | 'own';
}

/** An RPC, or a write that policies guard, for which no act was found that works, and why. */
export interface Actless {
  readonly name: string;
  readonly system: string;
  readonly kind: Act['kind'];
  readonly because: string;
}

/** One act under one fault at one moment. */
export interface Cell {
  readonly act: string;
  readonly system: string;
  readonly fault: string;
  readonly moment: Moment;
}

/** What is stored when everything has come to rest. `twice`: as after the same call made twice without a fault; `other`: none of these. */
export type Stored = 'absent' | 'once' | 'twice' | 'other';

/** What the client was told. */
export type Told =
  | { readonly state: 'answered' }
  | { readonly state: 'refused'; readonly sqlstate: string }
  /** The connection was refused, cut or never answered within its bound; `code` as Node or the driver names it. */
  | { readonly state: 'lost'; readonly code: string };

export interface CellResult extends Cell {
  readonly verdict: ChaosVerdict;
  readonly told: Told;
  readonly stored: Stored;
  /** What is stored after the same call was made again without a fault; null: it was not. */
  readonly retried: Stored | null;
  /** Why it is not held; empty where it is. */
  readonly reasons: readonly string[];
  readonly milliseconds: number;
}

/** A cell that cannot occur, and why. */
export interface Impossible extends Cell {
  readonly because: string;
}

/** What a sweep hears of each cell as soon as it is known. */
export type OnCell = (result: CellResult | Impossible) => void;

/** One thing that happened in a scenario, in order. */
export interface TimelineEntry {
  /** Milliseconds since the scenario's start. */
  readonly at: number;
  /** e.g. `client 1`, `proxy`, `server`, `owner`; `fault` and `claim` are written by what runs the scenario. */
  readonly who: string;
  readonly what: string;
  /** Of a claim: whether it is held. */
  readonly held?: boolean | null;
  /** Place in the schedule of the strike that begins, or is healed, here. */
  readonly begins?: number;
  readonly ends?: number;
}

/** When a fault was there, for the timeline. */
export interface Strike {
  readonly fault: string;
  readonly from: number;
  /** Null: it was never healed. */
  readonly to: number | null;
}

/** One thing that must hold, and what was seen. `held` null: what it needs was not there. */
export interface Claim {
  readonly says: string;
  readonly held: boolean | null;
  readonly seen: string;
}

export type ScenarioId = 'C-01' | 'C-02' | 'C-03' | 'C-04' | 'C-05' | 'C-06' | 'C-07' | 'C-08' | 'C-09';

export interface ScenarioResult {
  readonly id: ScenarioId;
  readonly title: string;
  readonly system: string;
  readonly kind: Kind;
  readonly verdict: ChaosVerdict;
  /** What must hold, in one sentence. */
  readonly mustHold: string;
  readonly schedule: readonly Strike[];
  readonly evidence: readonly Claim[];
  readonly timeline: readonly TimelineEntry[];
  readonly seed: number;
  readonly milliseconds: number;
}

/** What a sweep of one system came to; or of one of its acts: the reports put parts of one system together. */
export interface Sweep {
  readonly system: string;
  readonly seed: number;
  /** Every cell; otherwise those that `cover` chose. */
  readonly full: boolean;
  readonly acts: readonly Pick<Act, 'name' | 'kind' | 'repeats'>[];
  readonly actless: readonly Actless[];
  /** All that were asked for, in the order in which they are shown. */
  readonly faults: readonly { readonly id: string; readonly says: string }[];
  /** All that were asked for. */
  readonly moments: readonly Moment[];
  readonly cells: readonly CellResult[];
  readonly impossible: readonly Impossible[];
  readonly milliseconds: number;
}

/** Random schedules of faults over random commands beside a reference model. */
export interface ScheduleResult {
  readonly system: string;
  /** What must hold, in one sentence. */
  readonly mustHold: string;
  readonly seed: number;
  /** Schedules that were tried, and steps in all of them. */
  readonly runs: number;
  readonly steps: number;
  /** How often each fault struck, by its id. */
  readonly struck: { readonly [fault: string]: number };
  readonly verdict: ChaosVerdict;
  /** The shortest schedule that is not held, and what was seen; null: all held. */
  readonly counterexample: Counterexample | null;
  readonly milliseconds: number;
}

export interface Counterexample {
  readonly steps: readonly string[];
  readonly seen: string;
  /** How often it was made shorter, and fast-check's path, which brings it back. */
  readonly shrunk: number;
  readonly path: string | null;
}

/** Which fault proxy the faults of the network came from. */
export interface FaultProxy {
  readonly where: 'process' | 'container';
  /** Null: none. */
  readonly image: string | null;
  /** False: Rowproof's own server, in this process or in an image that stands in for the official one. */
  readonly official: boolean;
  /** Why an image stands in for the official one; null: none does. */
  readonly obstacle: string | null;
}

/** What a test of chaos leaves for the reports; plain data, because it travels between processes. */
export interface ChaosNotes {
  readonly proxy: FaultProxy;
  readonly scenario?: ScenarioResult;
  readonly sweep?: Sweep;
  readonly schedule?: ScheduleResult;
}
