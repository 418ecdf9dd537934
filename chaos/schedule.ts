/** What random schedules are made of: a system beside its reference model, and steps that call, strike, heal, retry and look. */

import type { Observation, Probe } from '../fixtures/model/probe.ts';
import type { Fault, Wire } from './faults/fault.ts';
import type { ServerFault } from './faults/field.ts';

/**
 * A system and its reference model. `World`: what may be the case, as the model tells it, with what it knows of ids. Nothing
 * here changes a world: each method gives another one.
 */
export interface Modelled<World, Drawn, Command> {
  /** Tables that most calls come to, e.g. `public.posts`: while somebody holds them, a call waits. */
  readonly gates: readonly string[];
  /** Puts the database into the model's beginning. */
  begin(): Promise<World>;
  /** What is meant in this world; `turn` counts from 1 and may name what is made. Null: nothing. */
  meant(world: World, drawn: Drawn, turn: number): Command | null;
  probeOf(world: World, command: Command): Probe;
  /** What the command leaves, and in what the reply differs from what it must be here; null: nobody heard it. */
  after(world: World, command: Command, heard: Observation | null): Judged<World>;
  /** Everything that is stored, read as the owner. */
  read(): Promise<string>;
  /** In what the rows differ from the world; the ids that no reply has told may be learned from them. */
  found(world: World, rows: string): Judged<World>;
  /** Worlds of one digest are one world. */
  digest(world: World): string;
  /** Who does what, for people. */
  words(command: Command): string;
  /** What a reply says first. */
  says(heard: Observation): string;
  /** More that must hold when all is over; empty where it does. */
  atLast?(): Promise<readonly string[]>;
}

export interface Judged<World> {
  readonly world: World;
  /** Empty: nothing differs. */
  readonly differs: readonly string[];
}

/** When a fault strikes a call: before it connects, before BEGIN, before the statement, or before COMMIT. */
export const points = ['connecting', 'between', 'query', 'commit'] as const;
export type Point = (typeof points)[number];

export type Ending = 'terminated' | 'cancelled';

/** `backend`: is ended while a trip is under way. `held`: strikes in the server, while the statement waits there. */
export type Blow = { readonly fault: Fault<Wire> } | { readonly backend: Ending } | { readonly held: ServerFault };

export interface Strike {
  readonly at: Point;
  readonly blow: Blow;
  /** A network fault: whether it is still there after the call. */
  readonly stays: boolean;
}

export interface Call<Drawn> {
  readonly client: number;
  readonly command: Drawn;
  /** `one`: everything in one message, as an implicit transaction. `many`: BEGIN, the statement and COMMIT, each a trip. */
  readonly trips: 'one' | 'many';
  readonly strike: Strike | null;
}

export type Step<Drawn> =
  | ({ readonly do: 'call' } & Call<Drawn>)
  /** Two clients at once; `twin`: both the same. */
  | { readonly do: 'both'; readonly one: Call<Drawn>; readonly two: Call<Drawn>; readonly twin: boolean }
  /** A call that got no answer, once more, by whichever client. */
  | ({ readonly do: 'retry'; readonly owed: number } & Omit<Call<Drawn>, 'command'>)
  | { readonly do: 'strike'; readonly line: number; readonly fault: Fault<Wire> }
  | { readonly do: 'heal'; readonly line: number }
  /** Everybody is cut off, the backends are gone, and all rows are read. */
  | { readonly do: 'look' };

/** What came of a call. */
export type Fate =
  | { readonly state: 'answered'; readonly heard: Observation }
  /** The server took all of it back, for a reason that may be gone the next time. */
  | { readonly state: 'undone'; readonly code: string }
  /** `mayHold`: its COMMIT was under way; then `heard` is what its statement had answered before, if it had. */
  | { readonly state: 'lost'; readonly code: string; readonly mayHold: boolean; readonly heard: Observation | null };

/** Thrown where no world is left that could be the case: what was done, line by line, and what was seen. */
export class Contradiction extends Error {
  override readonly name = 'Contradiction';
  readonly lines: readonly string[];
  readonly seen: string;
  constructor(lines: readonly string[], seen: readonly string[]) {
    super([...lines, ...seen.map((line) => `     ${line}`)].join('\n'));
    this.lines = lines;
    this.seen = seen.join('\n');
  }
}
