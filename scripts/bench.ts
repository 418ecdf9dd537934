/** `npm run bench [-- <name> …] [--quick] [--large]`: measures the service levels. Exits 0 when all are met, 1 when one is missed, 2 when it could not run. */

import './require-node24.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { type Lab, openLab } from '../fixtures/lab/lab.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import { bootServer } from '../fixtures/servers/boot.ts';
import { type Level, type LevelsReport, machineLine, quantity, toMarkdown } from '../reports/service-levels.ts';
import * as whole from '../suites/bench/check.bench.ts';
import * as core from '../suites/bench/core.bench.ts';
import * as door from '../suites/bench/door.bench.ts';
import { machineOf } from '../suites/bench/machine.ts';
import { type Bench, type Measurement, met } from '../suites/bench/measurement.ts';
import * as memory from '../suites/bench/memory.bench.ts';
import * as messaging from '../suites/bench/messaging.bench.ts';
import * as mutants from '../suites/bench/mutate.bench.ts';
import * as posts from '../suites/bench/posts.bench.ts';
import * as probe from '../suites/bench/probe.bench.ts';
import * as proxy from '../suites/bench/proxy.bench.ts';
import { asksForHelp } from './run/help.ts';
import { interruption } from './run/interruption.ts';

const out = process.env['ROWPROOF_REPORTS'] ?? join(import.meta.dirname, '../reports/out');

type Measure = (lab: Lab, quick: boolean, bench: Bench) => Promise<readonly Measurement[]>;

/** At full size, or at a smaller one. */
const of = <Load>({ fullLoad, quickLoad }: { readonly fullLoad: Load; readonly quickLoad: Load }, quick: boolean) =>
  quick ? quickLoad : fullLoad;

const benches = new Map<string, Measure>([
  ['probe', (lab, quick) => probe.measureProbe(lab, of(probe, quick))],
  ['proxy', (_lab, quick) => proxy.measureProxy(of(proxy, quick))],
  ['door', (lab, quick) => door.measureDoor(lab, of(door, quick))],
  ['core', (lab, quick, bench) => core.measureCore(lab, of(core, quick), bench)],
  ['messaging', (lab, quick) => messaging.measureMessaging(lab, of(messaging, quick))],
  ['posts', (lab, quick, bench) => posts.measurePosts(lab, of(posts, quick), bench)],
  ['memory', (lab, quick) => memory.measureMemory(lab, of(memory, quick))],
  ['check', (lab, quick) => whole.measureCheck(lab, of(whole, quick))],
  ['mutate', (lab, quick) => mutants.measureMutate(lab, of(mutants, quick))],
]);

const HELP = `npm run bench                    measures the service levels, the cost of one probe, of the fault proxy and the front door, of whole checks, of mutants
npm run bench -- core memory     some of them: ${[...benches.keys()].join(', ')}
npm run bench -- --quick         the same at smaller sizes
npm run bench -- core --large    with the data on the disk, at ten million outcomes as well: gigabytes and minutes

Exit code: 0 every level is met, 1 one is missed, 2 could not run.`;

interface Command {
  readonly names: readonly string[];
  readonly quick: boolean;
  readonly large: boolean;
}

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const command = readCommand(argv);
    await using server = await bootServer({ env: placed(command), say: console.log, signal: interrupted.signal });
    await using lab = openLab(server.access);
    const report = await measure(lab, command, server.summary, interrupted.signal);
    show(report);
    for (const file of await write(report)) console.log(`Report   ${file}`);
    return report.measurements.every((level) => level.met) ? 0 : 1;
  } catch (error) {
    const code = interrupted.exitCode();
    if (code === null) complain(error);
    return code ?? 2;
  }
}

/** What is too large for memory goes to the disk. */
function placed({ large }: Command): NodeJS.ProcessEnv {
  return large ? { ROWPROOF_PG_DATA: tmpdir(), ...process.env } : process.env;
}

function readCommand(argv: readonly string[]): Command {
  try {
    const options = { quick: { type: 'boolean', default: false }, large: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
    if (positionals.some((name) => !benches.has(name))) throw new RangeError('no bench is named so');
    return { ...values, names: positionals.length > 0 ? positionals : [...benches.keys()] };
  } catch {
    throw new CannotRun(
      `The bench does not take \`${argv.join(' ')}\`.`,
      `Run \`npm run bench\`, with names of ${[...benches.keys()].join(', ')} and \`--quick\` or \`--large\` after \`--\`.`,
    );
  }
}

async function measure(lab: Lab, command: Command, server: string, signal: AbortSignal): Promise<LevelsReport> {
  const { names, quick, large } = command;
  const [before = Number.NaN] = loadavg();
  const notes: string[] = [];
  const levels: Level[] = [];
  for (const name of names) {
    signal.throwIfAborted();
    const say = (line: string) => console.error(styleText('dim', `${name}: ${line}`, { stream: process.stderr }));
    const bench = { say, note: (sentence: string) => notes.push(sentence), signal, large };
    const measured = await benches.get(name)?.(lab, quick, bench);
    levels.push(...(measured ?? []).map((one) => ({ ...one, met: met(one) })));
  }
  return { server, quick, machine: await machineOf(lab.access, before), notes, measurements: levels };
}

function show({ measurements, machine, notes }: LevelsReport): void {
  const head = ['', 'Service level', 'Measured', 'Target', 'Under'];
  const body = measurements.map(({ system, level, measured, unit, target, under }) => [
    system,
    level,
    quantity(measured, unit),
    `${target.relation} ${quantity(target.value, unit)}`,
    under,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(`\n${' '.repeat(8)}${line(head)}`);
  for (const [at, level] of measurements.entries()) console.log(`${verdict(level)}${line(body[at] ?? [])}`);
  console.log(`\nMachine  ${machineLine(machine)}`);
  for (const note of notes) console.log(`Note     ${note}`);
}

function verdict(level: Level): string {
  return level.met
    ? styleText('green', 'met     ', { stream: process.stdout })
    : styleText('red', 'missed  ', { stream: process.stdout });
}

async function write(report: LevelsReport): Promise<readonly string[]> {
  await mkdir(out, { recursive: true });
  const files = [
    [join(out, 'service-levels.json'), `${JSON.stringify(report, null, 2)}\n`],
    [join(out, 'service-levels.md'), toMarkdown(report)],
  ] as const;
  await Promise.all(files.map(([file, text]) => writeFile(file, text)));
  return files.map(([file]) => file);
}

function complain(error: unknown): void {
  if (error instanceof CannotRun) {
    console.error(`\n${error.message}\nFix: ${error.fix}`);
  } else {
    console.error(error instanceof Error ? error.stack : String(error));
  }
}
