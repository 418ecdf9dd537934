/** Chaos as JUnit: a scenario is its own test, a sweep one test for each act. */

import { gapsOf, placeName } from '../chaos/gaps.ts';
import type { CellResult, ChaosNotes, Sweep } from '../chaos/model.ts';
import type { ChaosFile } from './chaos.ts';
import { cellLine, scenarioText, scheduleFailure } from './chaos-failures.ts';
import type { Outcome, RunReport, TestEntry, TestGroup } from './run.ts';
import { many } from './terminal.ts';

/** A sweep outside Vitest. */
export function chaosJUnit(file: Pick<ChaosFile, 'run' | 'seed'>, { sweep }: ChaosNotes): RunReport {
  const { started, milliseconds, replay, server } = file.run;
  const system = sweep?.system ?? '';
  const group: TestGroup = {
    name: `${system} › chaos`,
    className: `chaos.${system.replaceAll('.', '·')}`,
    file: '',
    tests: sweep === undefined ? [] : sweepEntries(sweep),
  };
  return {
    ...{ suite: 'chaos', started: started.slice(0, 19), milliseconds, seed: file.seed, server, replay },
    ...{ stages: [], firstVerdict: null, groups: [group], summaries: [], obstacle: null, strict: false },
  };
}

/** What a passed test tells all the same: a warning that is broken. */
export function chaosNote(notes: ChaosNotes | undefined): { readonly note?: string } {
  const scenario = notes?.scenario;
  return scenario === undefined || scenario.verdict === 'held' ? {} : { note: scenarioText(scenario) };
}

/** What a test that is not held has seen; null: it told nothing. */
export function chaosText(notes: ChaosNotes | undefined): string | null {
  if (notes?.scenario !== undefined) return scenarioText(notes.scenario);
  return notes?.schedule === undefined ? null : scheduleFailure(notes.schedule);
}

/** By act; the last one says whether anything was left out. */
export function sweepEntries(sweep: Sweep): readonly TestEntry[] {
  const tried = Map.groupBy(sweep.cells, ({ act }) => act);
  const gaps = gapsOf(sweep).map(placeName);
  return [
    ...sweep.acts.map(({ name }) => {
      const cells = tried.get(name) ?? [];
      const milliseconds = cells.reduce((sum, cell) => sum + cell.milliseconds, 0);
      return entry(
        `${sweep.system}: ${name} is done once or not at all, whatever strikes`,
        milliseconds,
        outcomeOf(cells),
      );
    }),
    entry(
      `${sweep.system}: every act meets every fault, and every fault every moment, or it cannot occur`,
      0,
      failedBy(gaps.length === 0 ? null : `${many(gaps.length, 'pair')} neither tried nor impossible`, gaps),
    ),
  ];
}

function outcomeOf(cells: readonly CellResult[]): Outcome {
  const wrong = cells.filter(({ verdict }) => verdict !== 'held');
  if (cells.length === 0) return failedBy('no cell of it was tried', []);
  return failedBy(
    wrong.length === 0 ? null : `${wrong.length} of ${many(cells.length, 'cell')} not held`,
    wrong.map(cellLine),
  );
}

function failedBy(message: string | null, lines: readonly string[]): Outcome {
  return message === null ? { state: 'passed' } : { state: 'failed', message, details: lines.join('\n') };
}

function entry(name: string, milliseconds: number, outcome: Outcome): TestEntry {
  return { name, ids: [], milliseconds, outcome, finding: null, surface: null, persona: null };
}
