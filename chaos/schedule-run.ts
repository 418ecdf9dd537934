/** Runs one schedule: calls and strikes as they are drawn, and after each of them what may be the case now. */

import { type Call, Contradiction, type Fate, type Modelled, type Step } from './schedule.ts';
import { type Counts, type Ground, makeCall } from './schedule-call.ts';
import { type Effect, type Possibilities, type Possible, settled, unfolded } from './schedule-worlds.ts';

interface Progress<World, Drawn, Command> {
  readonly modelled: Modelled<World, Drawn, Command>;
  readonly ground: Ground;
  readonly counts: Counts;
  readonly lines: string[];
  worlds: readonly Possible<World, Command>[];
  /** Commands that somebody still wants an answer to. */
  owed: readonly Command[];
  turn: number;
}

interface Made<Command> {
  readonly command: Command;
  readonly fate: Fate;
}

/** With more calls in doubt than this a look is taken. */
const most = 3;
/** When all is healed an answer may fail to come so often: two calls may stand in each other's way. */
const tries = 5;

/** @throws Contradiction where no world is left that could be the case */
export async function runSchedule<World, Drawn, Command>(
  modelled: Modelled<World, Drawn, Command>,
  ground: Ground,
  steps: readonly Step<Drawn>[],
  counts: Counts,
): Promise<void> {
  const worlds = [{ world: await modelled.begin(), open: [] }];
  const progress: Progress<World, Drawn, Command> = {
    ...{ modelled, ground, counts, lines: [], worlds, owed: [], turn: 0 },
  };
  try {
    for (const step of steps) {
      counts.step();
      await take(progress, step);
    }
    await end(progress);
  } finally {
    await heal(progress);
    await ground.lines.cut();
  }
}

async function take<World, Drawn, Command>(
  progress: Progress<World, Drawn, Command>,
  step: Step<Drawn>,
): Promise<void> {
  const { ground, counts, lines } = progress;
  switch (step.do) {
    case 'call': {
      const command = meant(progress, step.command);
      if (command !== null) await conclude(progress, [await make(progress, step, command)]);
      return;
    }
    case 'both': {
      const one = meant(progress, step.one.command);
      const two = step.twin ? one : meant(progress, step.two.command);
      const calls = [...(one === null ? [] : [make(progress, withOther(step.one), one)])];
      // A connection carries one call at a time, and the strike on the first may cut the second's line, too.
      const client = step.two.client === step.one.client ? step.one.client + 1 : step.two.client;
      if (two !== null) calls.push(make(progress, { ...step.two, client, strike: null }, two));
      return await conclude(progress, await Promise.all(calls));
    }
    case 'retry': {
      const command = progress.owed[step.owed % Math.max(1, progress.owed.length)];
      if (command === undefined) return;
      progress.owed = progress.owed.filter((one) => one !== command);
      return await conclude(progress, [await make(progress, step, command)]);
    }
    case 'strike': {
      const line = step.line % ground.lines.count;
      if (ground.lines.faultOf(line) !== null) return;
      lines.push(`line ${line + 1}    ${step.fault.id}: ${step.fault.says}`);
      counts.struck(step.fault.id);
      return await ground.lines.strike(line, step.fault);
    }
    case 'heal':
      return await healLine(progress, step.line % ground.lines.count);
    case 'look':
      return await look(progress);
  }
}

/** What needs that nobody else is there does not strike one of two. */
function withOther<Drawn>(call: Call<Drawn>): Call<Drawn> {
  return call.strike && 'held' in call.strike.blow ? { ...call, strike: null } : call;
}

function meant<World, Drawn, Command>(progress: Progress<World, Drawn, Command>, drawn: Drawn): Command | null {
  progress.turn += 1;
  const [first] = progress.worlds;
  return first === undefined ? null : progress.modelled.meant(first.world, drawn, progress.turn);
}

async function make<World, Drawn, Command>(
  progress: Progress<World, Drawn, Command>,
  call: Omit<Call<Drawn>, 'command'>,
  command: Command,
): Promise<Made<Command>> {
  const { modelled, ground, counts, worlds, lines } = progress;
  const [first] = worlds;
  if (first === undefined) throw new Error('a schedule goes on in no world');
  const who = `client ${(call.client % ground.clients.length) + 1}  ${modelled.words(command)}`;
  const isDoubtful = worlds.some(({ open }) => open.length > 0);
  const tell = (line: string) => void lines.push(line);
  const fate = await makeCall(ground, call, modelled.probeOf(first.world, command), { isDoubtful, counts, tell });
  counts.fate(fate);
  lines.push(`${who}  →  ${toldOf(modelled, fate)}`);
  return { command, fate };
}

function toldOf<World, Drawn, Command>(modelled: Modelled<World, Drawn, Command>, fate: Fate): string {
  if (fate.state === 'answered') return modelled.says(fate.heard);
  if (fate.state === 'undone') return `taken back by the server (${fate.code})`;
  return `no answer (${fate.code})${fate.mayHold ? ', in doubt' : ''}`;
}

async function conclude<World, Drawn, Command>(
  progress: Progress<World, Drawn, Command>,
  made: readonly Made<Command>[],
): Promise<void> {
  const effects = made.flatMap(({ command, fate }, at): readonly Effect<Command>[] => {
    const isHeld = fate.state === 'answered' || (fate.state === 'lost' && fate.mayHold);
    const id = progress.turn * 1000 + progress.lines.length * 2 + at;
    return isHeld ? [{ id, command, heard: fate.heard, isCertain: fate.state === 'answered' }] : [];
  });
  const owed = made.flatMap(({ command, fate }) => (fate.state === 'answered' ? [] : [command]));
  progress.owed = [...progress.owed, ...owed];
  goOn(progress, unfolded(progress.modelled, progress.worlds, effects));
  const doubts = Math.max(...progress.worlds.map(({ open }) => open.length));
  if (doubts === 0 || doubts > most) await look(progress);
}

function goOn<World, Drawn, Command>(
  progress: Progress<World, Drawn, Command>,
  { worlds, because }: Possibilities<World, Command>,
): void {
  if (worlds.length === 0) throw new Contradiction(progress.lines, because);
  progress.worlds = worlds;
}

/** What is in doubt is settled first: nobody is connected any more, and the rows say what happened. */
async function look<World, Drawn, Command>(progress: Progress<World, Drawn, Command>): Promise<void> {
  const { modelled, ground, lines, worlds } = progress;
  if (worlds.some(({ open }) => open.length > 0)) {
    for (const client of ground.clients) client.drop();
    if (!(await ground.lines.cut()))
      throw new Contradiction(lines, ['a backend does not end though nobody is connected']);
    lines.push('all        cut off, their backends are gone');
  }
  goOn(progress, settled(modelled, worlds, await modelled.read()));
}

async function healLine<World, Drawn, Command>(
  { ground, lines }: Progress<World, Drawn, Command>,
  line: number,
): Promise<void> {
  const fault = ground.lines.faultOf(line);
  if (fault === null) return;
  await ground.lines.heal(line);
  lines.push(`line ${line + 1}    ${fault.id} is healed`);
  ground.clients.forEach((client, at) => {
    if (at % ground.lines.count === line) client.drop();
  });
}

async function heal<World, Drawn, Command>(progress: Progress<World, Drawn, Command>): Promise<void> {
  for (let line = 0; line < progress.ground.lines.count; line += 1) await healLine(progress, line);
  for (const client of progress.ground.clients) client.drop();
}

/** All is healed, and whoever has no answer yet asks until there is one. */
async function end<World, Drawn, Command>(progress: Progress<World, Drawn, Command>): Promise<void> {
  await heal(progress);
  await look(progress);
  for (let tried = 0; progress.owed.length > 0; tried += 1) {
    if (tried === tries) throw new Contradiction(progress.lines, ['no answer comes though all is healed']);
    const { owed } = progress;
    progress.owed = [];
    for (const [client, command] of owed.entries()) {
      await conclude(progress, [await make(progress, { client, trips: 'one', strike: null }, command)]);
      await look(progress);
    }
  }
  await look(progress);
  const differs = (await progress.modelled.atLast?.()) ?? [];
  if (differs.length > 0) throw new Contradiction(progress.lines, differs);
}
