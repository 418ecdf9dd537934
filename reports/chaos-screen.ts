/** What an operator reads of a run under faults: the verdict, each scenario as a timeline, the matrix of the sweep, the schedules. */

import type { FaultProxy, ScenarioResult, ScheduleResult } from '../chaos/model.ts';
import type { ChaosFile } from './chaos.ts';
import { counterexampleLines } from './chaos-failures.ts';
import { sweepLines } from './chaos-matrix.ts';
import { markOf, secondsOf, timelineLines } from './chaos-timeline.ts';
import { folded } from './difference.ts';
import { many, type Paint } from './terminal.ts';

export interface ChaosScreenOptions {
  readonly paint: Paint;
  /** Timelines of what is held, too. */
  readonly verbose: boolean;
  /** Where the report is, as the reader would name it. */
  readonly out: string;
  /** How a part of a system's sweep is tried again, e.g. `npm run chaos -- supabase/core --seed 7`. */
  readonly again: (system: string) => string;
}

/** Of a scenario's first line: what it ends with stands at its right. */
const WIDTH = 96;

/** The whole screen, without a trailing line break. */
export function toChaosScreen(file: ChaosFile, options: ChaosScreenOptions): string {
  const { paint, out } = options;
  const { scenarios, sweep, schedules } = file;
  return [
    ...(scenarios.length === 0 ? [] : ['', paint('bold', 'Scenarios'), ...scenarioLines(scenarios, options)]),
    ...(sweep === null ? [] : ['', ...sweepLines(sweep, file, options)]),
    ...(schedules.length === 0
      ? []
      : ['', paint('bold', 'Random schedules'), ...schedules.flatMap((one) => scheduleLines(one, paint))]),
    '',
    chaosVerdict(file, paint),
    ...file.run.proxies.map((proxy) => paint('dim', `Fault proxy: ${proxyWords(proxy)}`)),
    paint('dim', `Report: ${out} (chaos_report.json)`),
  ].join('\n');
}

/** `Not held: 14 of 16 scenarios held, …; 2412 of 2415 cells held, 388 cannot occur; …` */
export function chaosVerdict({ verdict, scenarios, sweep, schedules }: ChaosFile, paint: Paint): string {
  const share = (some: readonly { readonly verdict: string }[], what: string) =>
    some.length === 0
      ? []
      : [`${some.filter((one) => one.verdict === 'held').length} of ${many(some.length, what)} held`];
  const warnings = scenarios.filter((one) => one.kind === 'warning' && one.verdict === 'broken').length;
  const tried = sweep === null ? 0 : sweep.held + sweep.broken + sweep.unknown;
  const parts = [
    ...share(scenarios, 'scenario').map((text) => (warnings > 0 ? `${text} (${many(warnings, 'warning')})` : text)),
    ...(sweep === null ? [] : [`${sweep.held} of ${many(tried, 'cell')} held, ${sweep.impossible} cannot occur`]),
    ...share(schedules, 'set').map((text) => text.replace(/sets?/, (word) => `${word} of schedules`)),
  ];
  const words = { held: 'Held', broken: 'Not held', unknown: 'Could not be judged' }[verdict];
  const colour = verdict === 'held' ? (warnings > 0 ? 'yellow' : 'green') : 'red';
  return paint(colour, `${words}: ${parts.join('; ') || 'nothing was tried'}`);
}

/** `in this process (Rowproof's own)`. */
export function proxyWords({ where, image, official, obstacle }: FaultProxy): string {
  if (where === 'process') return "in this process (Rowproof's own)";
  if (official) return `container of ${image}`;
  return `container of ${image}, Rowproof's own${obstacle === null ? '' : `, which stands in: ${obstacle}`}`;
}

function scenarioLines(
  scenarios: readonly ScenarioResult[],
  { paint, verbose }: ChaosScreenOptions,
): readonly string[] {
  const labels = Math.max(...scenarios.map(({ system }) => system.length));
  return scenarios.flatMap((one, at) => {
    const whole = verbose || one.verdict !== 'held';
    const indent = ' '.repeat(4);
    return [
      headLine(one, labels, paint),
      ...aboutLines(one).map((line) => `${indent}${paint('dim', line)}`),
      ...(whole ? timelineLines(one, paint).map((line) => `${indent}${line}`.trimEnd()) : []),
      ...(whole && at < scenarios.length - 1 ? [''] : []),
    ];
  });
}

function headLine(
  { id, system, title, kind, verdict, milliseconds }: ScenarioResult,
  labels: number,
  paint: Paint,
): string {
  const colour = verdict === 'held' ? 'green' : kind === 'warning' && verdict === 'broken' ? 'yellow' : 'red';
  const mark =
    kind === 'warning' && verdict === 'broken' ? '!' : markOf(verdict === 'unknown' ? null : verdict === 'held');
  const words = { held: 'held', broken: kind === 'warning' ? 'warning' : 'NOT HELD', unknown: 'UNKNOWN' }[verdict];
  const left = `${mark} ${id} ${system.padEnd(labels)}  ${title}`;
  const right = `${words}  ${secondsOf(milliseconds).padStart(8)}`;
  const gap = ' '.repeat(Math.max(2, WIDTH - left.length - right.length));
  return [
    paint(colour, mark),
    ` ${paint('bold', id)} ${system.padEnd(labels)}  ${title}${gap}`,
    `${paint(colour, words)}  ${paint('dim', secondsOf(milliseconds).padStart(8))}`,
  ].join('');
}

/** What must hold; below it at which times each fault struck, and how many claims hold. */
function aboutLines({ mustHold, schedule, evidence }: ScenarioResult): readonly string[] {
  const struck = [...Map.groupBy(schedule, ({ fault }) => fault)].map(
    ([fault, strikes]) => `${fault} ${strikes.map(({ from }) => (from / 1000).toFixed(2)).join(', ')} s`,
  );
  const good = evidence.filter(({ held }) => held === true).length;
  const seen = [...struck, `${good} of ${many(evidence.length, 'claim')}`].join(' · ');
  return [mustHold, seen].flatMap((text) => folded(text, WIDTH));
}

function scheduleLines(schedule: ScheduleResult, paint: Paint): readonly string[] {
  const { system, runs, steps, struck, verdict, counterexample, milliseconds, mustHold } = schedule;
  const strikes = Object.values(struck).reduce((sum, count) => sum + count, 0);
  const kinds = Object.values(struck).filter((count) => count > 0).length;
  const held = verdict === 'held';
  const mark = paint(held ? 'green' : 'red', markOf(verdict === 'unknown' ? null : held));
  const counts = `${many(runs, 'schedule')}, ${many(steps, 'step')}, ${many(strikes, 'strike')} of ${many(kinds, 'fault')}`;
  return [
    `${mark} ${system}  ${counts}  ${paint('dim', secondsOf(milliseconds))}`,
    `    ${paint('dim', mustHold)}`,
    ...(counterexample === null ? [] : counterexampleLines(counterexample).map((line) => `    ${line}`)),
  ];
}
