/** The sweep on a screen: fault × moment with counts, why places are empty, the systems, and every cell that is not held. */

import { placeName } from '../chaos/gaps.ts';
import type { SweepReport } from './chaos.ts';
import { cellLine } from './chaos-failures.ts';
import type { CellTally, MatrixPlace } from './chaos-tallies.ts';
import { shellWord } from './screen.ts';
import { many, type Paint } from './terminal.ts';

/** What is shown of each list; the rest is in the report. */
const MOST = { cells: 12, actless: 8, gaps: 8 } as const;

/** A text with a colour that takes no room. */
interface Inked {
  readonly text: string;
  readonly colour: 'red' | 'yellow' | 'dim' | null;
}

/** All lines, without a trailing one. */
export function sweepLines(
  sweep: SweepReport,
  { full, seed }: { readonly full: boolean; readonly seed: number },
  { paint, again }: { readonly paint: Paint; readonly again: (system: string) => string },
): readonly string[] {
  const tried = sweep.held + sweep.broken + sweep.unknown;
  const which = full ? 'every cell' : `seed ${seed}: every act with every fault, every fault at every moment`;
  return [
    `${paint('bold', 'Sweep')}  ${many(tried, 'cell')} (${which})`,
    '',
    ...matrixLines(sweep, paint),
    ...systemLines(sweep, paint),
    ...listLines(
      'Not held',
      MOST.cells,
      sweep.notHeld.map((cell) => `${cell.system}  ${cellLine(cell)}`),
      paint,
    ),
    ...againLines(sweep.notHeld, again, paint),
    ...listLines('Neither tried nor impossible', MOST.gaps, sweep.gaps, paint),
    ...listLines(
      'No act: no call was found that works',
      MOST.actless,
      sweep.actless.map(({ system, name, because }) => `${system}  ${name}: ${because}`),
      paint,
    ),
  ];
}

/** The matrix and its footnotes. */
export function matrixLines(
  { faults, moments, matrix }: Pick<SweepReport, 'faults' | 'moments' | 'matrix'>,
  paint: Paint,
): readonly string[] {
  const notes = notesOf(matrix);
  const places = new Map(matrix.map((place) => [`${place.fault} ${place.moment}`, place]));
  const rows = faults.map(({ id }) => moments.map((moment) => inked(places.get(`${id} ${moment}`), notes)));
  const labels = Math.max(...faults.map(({ id }) => id.length), 5);
  const widths = moments.map((moment, at) => Math.max(moment.length, ...rows.map((row) => widthOf(row[at] ?? []))));
  const head = moments.map((moment, at) => moment.padStart(widths[at] ?? 0)).join('   ');
  return [
    paint('dim', `  ${'fault'.padEnd(labels)}   ${head}`),
    ...faults.map(({ id }, row) => {
      const cells = (rows[row] ?? []).map((parts, at) => painted(parts, widths[at] ?? 0, paint));
      return `  ${id.padEnd(labels)}   ${cells.join('   ')}`;
    }),
    ...legendLines(matrix, notes, paint),
  ];
}

/** Reasons for which places of the matrix cannot occur, each with its number. */
function notesOf(matrix: readonly MatrixPlace[]): ReadonlyMap<string, number> {
  const reasons = matrix.filter(({ impossible }) => impossible > 0).flatMap(({ because }) => because);
  return new Map([...new Set(reasons)].map((reason, at) => [reason, at + 1]));
}

function inked(place: MatrixPlace | undefined, notes: ReadonlyMap<string, number>): readonly Inked[] {
  if (place === undefined) return [{ text: 'none', colour: 'red' }];
  const { held, broken, unknown, impossible, because } = place;
  const note = impossible > 0 ? because.map((reason) => superscript(notes.get(reason) ?? 0)).join('·') : '';
  const tried = held + broken + unknown;
  if (tried + impossible === 0) return [{ text: 'none', colour: 'red' }];
  if (tried === 0) return [{ text: `–${note}`, colour: 'dim' }];
  return [
    { text: String(held), colour: null },
    ...(broken > 0 ? [{ text: ` ✗${broken}`, colour: 'red' } as const] : []),
    ...(unknown > 0 ? [{ text: ` ?${unknown}`, colour: 'yellow' } as const] : []),
    ...(note === '' ? [] : [{ text: note, colour: 'dim' } as const]),
  ];
}

function widthOf(parts: readonly Inked[]): number {
  return parts.reduce((sum, { text }) => sum + text.length, 0);
}

function painted(parts: readonly Inked[], width: number, paint: Paint): string {
  const texts = parts.map(({ text, colour }) => (colour === null ? text : paint(colour, text)));
  return ' '.repeat(Math.max(0, width - widthOf(parts))) + texts.join('');
}

function superscript(number: number): string {
  return [...String(number)].map((digit) => '⁰¹²³⁴⁵⁶⁷⁸⁹'[Number(digit)] ?? '').join('');
}

function legendLines(
  matrix: readonly MatrixPlace[],
  notes: ReadonlyMap<string, number>,
  paint: Paint,
): readonly string[] {
  const some = (is: (place: MatrixPlace) => boolean, words: string) => (matrix.some(is) ? [words] : []);
  const signs = [
    'a number: cells that are held',
    ...some(({ broken }) => broken > 0, '✗ not held'),
    ...some(({ unknown }) => unknown > 0, '? could not be judged'),
    ...some(({ impossible }) => impossible > 0, '– cannot occur'),
  ];
  return [
    '',
    paint('dim', `  ${signs.join(', ')}`),
    ...[...notes].map(([text, number]) => paint('dim', `  ${superscript(number)} ${text}`)),
  ];
}

function systemLines({ systems }: SweepReport, paint: Paint): readonly string[] {
  const labels = Math.max(...systems.map(({ system }) => system.length), 6);
  const columns = ['acts', 'held', 'not held', 'unknown', 'cannot occur'];
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padStart(columns[at]?.length ?? 0)).join('   ');
  return [
    '',
    paint('dim', `  ${'system'.padEnd(labels)}   ${line(columns)}`),
    ...systems.map((one) => {
      const colour = colourOf(one);
      const text = `  ${one.system.padEnd(labels)}   ${line([one.acts, one.held, one.broken, one.unknown, one.impossible].map(String))}`;
      return colour === null ? text : paint(colour, text);
    }),
  ];
}

function colourOf({ broken, unknown }: CellTally): 'red' | 'yellow' | null {
  if (broken > 0) return 'red';
  return unknown > 0 ? 'yellow' : null;
}

function againLines(
  [first]: SweepReport['notHeld'],
  again: (system: string) => string,
  paint: Paint,
): readonly string[] {
  if (first === undefined) return [];
  return ['', paint('dim', `One alone: ${again(first.system)} --only ${shellWord(placeName(first))}`)];
}

function listLines(heading: string, most: number, lines: readonly string[], paint: Paint): readonly string[] {
  if (lines.length === 0) return [];
  const rest = lines.length - most;
  return [
    '',
    `${paint('bold', heading)} ${paint('dim', `(${lines.length})`)}`,
    ...lines.slice(0, most).map((line) => `  ${line}`),
    ...(rest > 0 ? [`  … and ${rest} more, in chaos_report.json`] : []),
  ];
}
