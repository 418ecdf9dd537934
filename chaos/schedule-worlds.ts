/** What may be the case while answers are missing: every order in which the calls in doubt can have taken effect, or not. */

import type { Observation } from '../fixtures/model/probe.ts';
import type { Judged, Modelled } from './schedule.ts';

/** A call whose effect has its place among those of others. */
export interface Effect<Command> {
  readonly id: number;
  readonly command: Command;
  /** Null: nobody heard what it answers. */
  readonly heard: Observation | null;
  /** Answered, so it did happen. Otherwise it may happen at any time from now on, until its backend is gone. */
  readonly isCertain: boolean;
}

/** One thing that may be the case, and what may still happen there. */
export interface Possible<World, Command> {
  readonly world: World;
  readonly open: readonly Effect<Command>[];
}

export interface Possibilities<World, Command> {
  readonly worlds: readonly Possible<World, Command>[];
  /** Why the last one was given up, where none is left. */
  readonly because: readonly string[];
}

type Rules<World, Command> = Pick<Modelled<World, never, Command>, 'after' | 'found' | 'digest'>;

/** What may be the case once these calls are over: their answers must fit, in some order, amid what was open before. */
export function unfolded<World, Command>(
  rules: Rules<World, Command>,
  before: readonly Possible<World, Command>[],
  calls: readonly Effect<Command>[],
): Possibilities<World, Command> {
  const because: (readonly string[])[] = [];
  const worlds = before.flatMap(({ world, open }) => [
    ...orders(rules, world, [...open, ...calls], (left) => !left.some(({ isCertain }) => isCertain), because),
  ]);
  return { worlds: distinct(rules, worlds), because: least(because) };
}

/** What may be the case once all backends are gone and these are the rows: what is still open has not happened. */
export function settled<World, Command>(
  rules: Rules<World, Command>,
  before: readonly Possible<World, Command>[],
  rows: string,
): Possibilities<World, Command> {
  const because: (readonly string[])[] = [];
  const all = before.flatMap(({ world, open }) => [...everyOrder(rules, world, open)]);
  const worlds = distinct(rules, all).flatMap(({ world }) => {
    const judged = rules.found(world, rows);
    if (judged.differs.length > 0) because.push(judged.differs);
    return judged.differs.length > 0 ? [] : [{ world: judged.world, open: [] }];
  });
  return { worlds, because: least(because) };
}

/** Every way in which calls can follow each other up to where `isOver`; one whose answer does not fit ends its way. */
function* orders<World, Command>(
  rules: Rules<World, Command>,
  world: World,
  left: readonly Effect<Command>[],
  isOver: (left: readonly Effect<Command>[]) => boolean,
  because: (readonly string[])[],
): Generator<Possible<World, Command>> {
  if (isOver(left)) {
    yield { world, open: left };
    return;
  }
  for (const next of left) {
    const judged = rules.after(world, next.command, next.heard);
    if (judged.differs.length > 0) because.push(judged.differs);
    else yield* orders(rules, judged.world, without(left, next), isOver, because);
  }
}

/** Every order of every part of what is open. */
function* everyOrder<World, Command>(
  rules: Rules<World, Command>,
  world: World,
  open: readonly Effect<Command>[],
): Generator<Possible<World, Command>> {
  yield { world, open: [] };
  for (const next of open) {
    const judged: Judged<World> = rules.after(world, next.command, next.heard);
    if (judged.differs.length === 0) yield* everyOrder(rules, judged.world, without(open, next));
  }
}

function without<Command>(all: readonly Effect<Command>[], { id }: Effect<Command>): readonly Effect<Command>[] {
  return all.filter((one) => one.id !== id);
}

function distinct<World, Command>(
  rules: Rules<World, Command>,
  worlds: readonly Possible<World, Command>[],
): readonly Possible<World, Command>[] {
  const byDigest = new Map(
    worlds.map((one) => [`${one.open.map(({ id }) => id).join()} ${rules.digest(one.world)}`, one] as const),
  );
  return [...byDigest.values()];
}

/** What comes nearest says most. */
function least(because: readonly (readonly string[])[]): readonly string[] {
  return because.toSorted((a, b) => a.length - b.length)[0] ?? [];
}
