/** Runs drawn turns on the database and beside it on the model, and holds them against each other after each turn. */

import { type Called, type Command, isHappening } from './model-commands.ts';
import { type Names, namesOf } from './model-names.ts';
import { type Drawn, type Keyed, resolved } from './model-resolve.ts';
import { type Rows, rowsOf } from './model-rows.ts';
import { codeOf, Disagreement, difference, sameReply, type Taken, words } from './model-script.ts';
import type { Stage } from './model-stage.ts';
import { people, type Reply, type State, start } from './model-state.ts';
import { happeningOf, operators, probeOf, told } from './model-system.ts';
import type { Turn } from './model-turns.ts';

export type Step = (state: State, command: Command) => readonly [Reply, State];

/** What was run, and what came of it. */
export interface Tally {
  readonly count: (command: Command, reply: Reply) => void;
  readonly pair: (waited: boolean) => void;
}

interface Progress {
  state: State;
  names: Names;
  keyed: Keyed[];
  keys: number;
  readonly taken: Taken[];
  readonly lines: string[];
}

const begun = (): Progress => ({
  ...{ state: start, names: namesOf(operators), keyed: [], keys: 0, taken: [], lines: [] },
});

/** Takes what the turns mean once it is known what is there. @throws Disagreement */
export async function agree(stage: Stage, turns: readonly Turn[], step: Step, tally: Tally): Promise<void> {
  await stage.reset();
  const progress = begun();
  for (const [at, turn] of turns.entries()) {
    for (const taken of meant(progress, turn)) await take(stage, progress, taken, step, tally);
    if (at % seldom === 0) await compareRows(stage, progress);
  }
  await compareRows(stage, progress);
  for (const by of [...people, 'nobody'] as const)
    await take(stage, progress, [{ do: 'look', by, table: 'all' }], step, tally);
}

/** Turns between two looks at all rows; a pair is looked at in any case. */
const seldom = 4;

/** Takes exactly these commands, and looks at all rows in the end. @throws Disagreement */
export async function follow(stage: Stage, script: readonly Taken[], step: Step): Promise<void> {
  await stage.reset();
  const progress = begun();
  for (const taken of script) await take(stage, progress, taken, step, silent);
  await compareRows(stage, progress);
}

const silent: Tally = { count: () => undefined, pair: () => undefined };

function meant(progress: Progress, turn: Turn): readonly Taken[] {
  if (turn.do !== 'pair') {
    const command = next(progress, turn);
    return command ? [[command]] : [];
  }
  const one = next(progress, turn.one);
  const two = turn.two === 'twin' ? one : next(progress, turn.two);
  const pair = raced(one, two);
  return pair ? [pair] : [one, two].flatMap((command) => (command ? [[command] as const] : []));
}

function take(stage: Stage, progress: Progress, taken: Taken, step: Step, tally: Tally): Promise<void> {
  progress.taken.push(taken);
  return taken.length === 1
    ? takeOne(stage, progress, taken[0], step, tally)
    : takeBoth(stage, progress, taken, step, tally);
}

/** What is meant now; keys are given away in order. */
function next(progress: Progress, drawn: Drawn): Command | null {
  const command = resolved(progress, drawn);
  if (command && 'key' in command && command.do !== 'status') {
    if (command.key === `k${progress.keys + 1}`) progress.keys += 1;
    progress.keyed.unshift(command);
  }
  return command;
}

async function takeOne(stage: Stage, progress: Progress, command: Command, step: Step, tally: Tally): Promise<void> {
  const [expected, state] = step(progress.state, command);
  const found = await sent(stage, progress.names, command, expected);
  tally.count(command, found);
  progress.lines.push(`${words(command)}  →  ${codeOf(found)}`);
  progress.state = state;
  const parted = partedReplies(expected, found);
  if (parted.length > 0) throw new Disagreement(progress.taken, progress.lines, parted);
}

async function compareRows(stage: Stage, { state, names, taken, lines }: Progress): Promise<void> {
  const parted = difference(rowsOf(state), names.named(await stage.read()) as Rows);
  if (parted.length > 0) throw new Disagreement(taken, lines, parted);
}

async function sent(stage: Stage, names: Names, command: Command, expected: Reply): Promise<Reply> {
  if (isHappening(command)) {
    await stage.happen(happeningOf(command, names));
    return expected;
  }
  const observation = await stage.send(probeOf(command, names));
  names.learn(expected, rawReply(observation));
  return told(observation, names);
}

/** As JSON of the database, in its own ids. */
export function rawReply({ rows }: { readonly rows: readonly (readonly (string | null)[])[] }): Reply {
  return (JSON.parse(rows[0]?.[0] ?? 'null') ?? {}) as Reply;
}

/** Empty where both say the same. */
export function partedReplies(expected: Reply, found: Reply): readonly string[] {
  if (sameReply(expected, found)) return [];
  return [`expected ${JSON.stringify(expected)}`, `got      ${JSON.stringify(found)}`];
}

/** Replies and rows must be those of one of the two orders. */
async function takeBoth(
  stage: Stage,
  progress: Progress,
  pair: readonly [Called, Called],
  step: Step,
  tally: Tally,
): Promise<void> {
  const [one, two] = pair;
  const { names } = progress;
  const { both, waited } = await stage.sendBoth(probeOf(one, names), probeOf(two, names));
  const read = await stage.read();
  const orders = ([0, 1] as const).map((first) => inOrder(progress, pair, first, both, read, step));
  const fits = orders.find(({ parted }) => parted.length === 0) ?? orders[0];
  tally.pair(waited);
  pair.forEach((command, at) => {
    const found = fits?.found[at] ?? {};
    tally.count(command, found);
    progress.lines.push(`${words(command)}  →  ${codeOf(found)}  (${at === 0 ? 'together with the next' : 'at once'})`);
  });
  if (!fits || fits.parted.length > 0) {
    const told = orders.flatMap(({ parted }, at) => [at === 0 ? 'in this order:' : 'in the other order:', ...parted]);
    throw new Disagreement(progress.taken, progress.lines, told);
  }
  progress.state = fits.state;
  progress.names = fits.names;
}

function inOrder(
  progress: Progress,
  pair: readonly [Called, Called],
  first: 0 | 1,
  both: Awaited<ReturnType<Stage['sendBoth']>>['both'],
  read: string,
  step: Step,
) {
  const names = progress.names.copy();
  const second = first === 0 ? 1 : 0;
  const [expectedFirst, between] = step(progress.state, pair[first]);
  const [expectedSecond, state] = step(between, pair[second]);
  names.learn(expectedFirst, rawReply(both[first]));
  names.learn(expectedSecond, rawReply(both[second]));
  const found = both.map((observation) => told(observation, names));
  const parted = [
    ...partedReplies(expectedFirst, found[first] ?? {}),
    ...partedReplies(expectedSecond, found[second] ?? {}),
    ...difference(rowsOf(state), names.named(read) as Rows),
  ];
  return { names, state, found, parted };
}

/**
 * The two as a pair; null: they are taken one after the other. Sweeps leave out what somebody holds at that moment: their
 * count is then that of neither order, and the next sweep has it.
 */
function raced(one: Command | null, two: Command | null): readonly [Called, Called] | null {
  if (!one || !two || isHappening(one) || isHappening(two)) return null;
  const [left, right] = [one.do, two.do];
  const isHeld = (sweep: string, other: string) => sweeps.has(sweep) && (sweeps.has(other) || holders.has(other));
  return isHeld(left, right) || isHeld(right, left) ? null : [one, two];
}

const sweeps: ReadonlySet<string> = new Set(['expire', 'archive', 'purgeRates']);
const holders: ReadonlySet<string> = new Set(['accept', 'reject', 'invite', 'member', 'policy']);
