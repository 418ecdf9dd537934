/** Whether a result of chaos fails the run, and the sentences that say why: one line first, then what was seen. */

import { gapsOf, placeName } from '../chaos/gaps.ts';
import type { CellResult, ScenarioResult, ScheduleResult, Sweep } from '../chaos/model.ts';
import { timelineLines } from './chaos-timeline.ts';
import { many } from './terminal.ts';

/** Cells, gaps that a message names; the report has all. */
const MOST = 12;

/** Null: nothing fails. Of a warning only what could not be judged does: nobody knows then what it would have shown. */
export function scenarioFailure(result: ScenarioResult): string | null {
  const { kind, verdict } = result;
  return verdict === 'held' || (kind === 'warning' && verdict === 'broken') ? null : scenarioText(result);
}

/** A scenario that is not held: why in a line, what must hold, and its timeline. */
export function scenarioText(result: ScenarioResult): string {
  const { id, system, verdict, evidence, mustHold } = result;
  const wrong = evidence.find(({ held }) => held === (verdict === 'broken' ? false : null));
  const why = wrong === undefined ? 'it states nothing that must hold' : `${wrong.says} (${wrong.seen})`;
  return [
    `${id} ${system} ${verdictWords(verdict)}: ${why}`,
    `Must hold: ${mustHold}`,
    ...timelineLines(result, (_, text) => text),
  ].join('\n');
}

/** `is not held`, `could not be judged`. */
function verdictWords(verdict: ScenarioResult['verdict']): string {
  return { held: 'is held', broken: 'is not held', unknown: 'could not be judged' }[verdict];
}

export function sweepFailure(sweep: Sweep): string | null {
  const wrong = sweep.cells.filter(({ verdict }) => verdict !== 'held');
  const gaps = gapsOf(sweep).map(placeName);
  const failures = [
    ...(wrong.length === 0 ? [] : [`${wrong.length} of ${many(sweep.cells.length, 'cell')} not held`]),
    ...(gaps.length === 0 ? [] : [`${many(gaps.length, 'pair')} neither tried nor impossible`]),
    ...(sweep.cells.length === 0 ? ['no cell was tried'] : []),
  ];
  if (failures.length === 0) return null;
  const lines = [...wrong.map(cellLine), ...gaps.map((gap) => `not tried: ${gap}`)];
  const rest = lines.length - MOST;
  return [
    `${sweep.system}: ${failures.join(', ')}`,
    ...lines.slice(0, MOST),
    ...(rest > 0 ? [`… and ${rest} more, in chaos_report.json`] : []),
  ].join('\n');
}

/** One cell that is not held, in a line. */
export function cellLine(cell: CellResult): string {
  const { act, fault, moment, verdict, stored, retried, reasons } = cell;
  const seen = [
    `told ${toldWords(cell)}`,
    `stored ${stored}`,
    ...(retried === null ? [] : [`after a retry ${retried}`]),
  ];
  const words = verdict === 'unknown' ? 'unknown' : 'not held';
  return `${act} × ${fault} × ${moment}: ${words}: ${reasons.join('; ') || 'no reason was given'} (${seen.join(', ')})`;
}

function toldWords({ told }: CellResult): string {
  if (told.state === 'answered') return 'an answer';
  return told.state === 'refused' ? `SQLSTATE ${told.sqlstate}` : told.code;
}

export function scheduleFailure({ system, verdict, mustHold, counterexample }: ScheduleResult): string | null {
  if (verdict === 'held') return null;
  const first = `${system}: random schedules of faults: ${verdict === 'unknown' ? 'could not be judged' : 'not held'}`;
  if (counterexample === null) return `${first}\nMust hold: ${mustHold}`;
  return [
    `${first}: ${counterexample.seen.split('\n')[0]}`,
    `Must hold: ${mustHold}`,
    ...counterexampleLines(counterexample),
  ].join('\n');
}

/** The shortest schedule, step by step. */
export function counterexampleLines({
  steps,
  shrunk,
  path,
  seen,
}: NonNullable<ScheduleResult['counterexample']>): readonly string[] {
  const width = String(steps.length).length;
  return [
    ...steps.map((step, at) => `${String(at + 1).padStart(width)}. ${step}`),
    `then ${seen}`,
    `made shorter ${shrunk === 1 ? 'once' : `${shrunk} times`}${path === null ? '' : `; fast-check path ${path}`}`,
  ];
}
