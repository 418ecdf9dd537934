/** `npm run bench [-- --quick]`: measures the service levels. Exits 0 when all are met, 1 when one is missed, 2 when it could not run. */

import './require-node24.js';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { type Lab, openLab } from '../fixtures/lab/lab.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import { bootServer } from '../fixtures/servers/boot.ts';
import * as whole from '../suites/bench/check.bench.ts';
import { type Measurement, met } from '../suites/bench/measurement.ts';
import * as memory from '../suites/bench/memory.bench.ts';
import * as messaging from '../suites/bench/messaging.bench.ts';
import * as mutants from '../suites/bench/mutate.bench.ts';
import * as probe from '../suites/bench/probe.bench.ts';
import { asksForHelp } from './run/help.ts';
import { interruption } from './run/interruption.ts';

const out = process.env['ROWPROOF_REPORTS'] ?? join(import.meta.dirname, '../reports/out');

const HELP = `npm run bench               measures the service levels, the cost of one probe, of whole checks and of mutants
npm run bench -- --quick    the same at smaller sizes

Exit code: 0 every level is met, 1 one is missed, 2 could not run.`;

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const quick = readQuick(argv);
    await using server = await bootServer({ env: process.env, say: console.log, signal: interrupted.signal });
    await using lab = openLab(server.access);
    const measurements = await measure(lab, quick, interrupted.signal);
    show(measurements);
    console.log(`Report   ${await write({ server: server.summary, quick, measurements })}`);
    return measurements.every(met) ? 0 : 1;
  } catch (error) {
    const code = interrupted.exitCode();
    if (code === null) complain(error);
    return code ?? 2;
  }
}

function readQuick(argv: readonly string[]): boolean {
  try {
    return parseArgs({ args: [...argv], options: { quick: { type: 'boolean', default: false } } }).values.quick;
  } catch {
    throw new CannotRun(
      `The bench does not take \`${argv.join(' ')}\`.`,
      'Run `npm run bench`, or `npm run bench -- --quick` for smaller sizes.',
    );
  }
}

async function measure(lab: Lab, quick: boolean, signal: AbortSignal): Promise<readonly Measurement[]> {
  const of = <Load>({ fullLoad, quickLoad }: { readonly fullLoad: Load; readonly quickLoad: Load }): Load =>
    quick ? quickLoad : fullLoad;
  const benches = [
    () => probe.measureProbe(lab, of(probe)),
    () => messaging.measureMessaging(lab, of(messaging)),
    () => memory.measureMemory(lab, of(memory)),
    () => whole.measureCheck(lab, of(whole)),
    () => mutants.measureMutate(lab, of(mutants)),
  ];
  const measurements: Measurement[] = [];
  for (const bench of benches) {
    signal.throwIfAborted();
    measurements.push(...(await bench()));
  }
  return measurements;
}

function show(measurements: readonly Measurement[]): void {
  const head = ['', 'Service level', 'Measured', 'Target', 'Under'];
  const body = measurements.map(({ system, level, measured, unit, target, under }) => [
    system,
    level,
    `${rounded(measured)} ${unit}`.trim(),
    `${target.relation} ${target.value} ${unit}`.trim(),
    under,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  console.log(`\n${' '.repeat(8)}${line(head)}`);
  for (const [at, measurement] of measurements.entries()) console.log(`${verdict(measurement)}${line(body[at] ?? [])}`);
}

function verdict(measurement: Measurement): string {
  return met(measurement)
    ? styleText('green', 'met     ', { stream: process.stdout })
    : styleText('red', 'missed  ', { stream: process.stdout });
}

function rounded(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
}

async function write(report: {
  readonly server: string;
  readonly quick: boolean;
  readonly measurements: readonly Measurement[];
}): Promise<string> {
  const measurements = report.measurements.map((measurement) => ({ ...measurement, met: met(measurement) }));
  const file = join(out, 'bench.json');
  await mkdir(out, { recursive: true });
  await writeFile(file, `${JSON.stringify({ ...report, measurements }, null, 2)}\n`);
  return file;
}

function complain(error: unknown): void {
  if (error instanceof CannotRun) {
    console.error(`\n${error.message}\nFix: ${error.fix}`);
  } else {
    console.error(error instanceof Error ? error.stack : String(error));
  }
}
