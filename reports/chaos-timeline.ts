/** A scenario as people read it: what happened when, with a bar beside the lines for as long as a fault was there. */

import type { ScenarioResult, TimelineEntry } from '../chaos/model.ts';
import { folded } from './difference.ts';
import type { Paint } from './terminal.ts';

/** Of what is told in a line, so that it fits into 110 columns with what stands before it. */
const WIDTH = 84;

/** Lines of the timeline, from the one where the fault strikes to the one where it is healed. */
interface Stay {
  readonly from: number;
  readonly to: number;
  readonly healed: boolean;
}

/** Where a line stands to a stay. */
type Part = 'begin' | 'within' | 'end' | 'outside';

const BAR = { begin: '┌', within: '│', end: '└', outside: ' ' } as const satisfies Record<Part, string>;

/** The whole timeline, not indented: one line an entry, more where it is long. */
export function timelineLines({ timeline }: Pick<ScenarioResult, 'timeline'>, paint: Paint): readonly string[] {
  const lanes = lanesOf(staysOf(timeline));
  const longest = (texts: readonly string[]) => Math.max(0, ...texts.map(({ length }) => length));
  const whoWidth = longest(timeline.map(({ who }) => who));
  const timeWidth = longest(timeline.map(({ at }) => secondsOf(at)));
  return timeline.flatMap((entry, line) => {
    const bars = lanes.map((lane) => partOf(lane, line));
    const [first = '', ...rest] = textOf(entry)
      .split('\n')
      .flatMap((text) => folded(text, WIDTH));
    const draw = (parts: readonly Part[]) => paint('red', parts.map((part) => BAR[part]).join(''));
    const gutter = lanes.length === 0 ? () => '' : (parts: readonly Part[]) => `${draw(parts)}  `;
    const goesOn = bars.map((part) => (part === 'begin' || part === 'within' ? 'within' : 'outside'));
    const colour = colourOf(entry);
    const coloured = (text: string) => (colour === null ? text : paint(colour, text));
    const time = paint('dim', secondsOf(entry.at).padStart(timeWidth));
    return [
      `${time}  ${gutter(bars)}${entry.who.padEnd(whoWidth)}  ${coloured(first)}`,
      ...rest.map((text) => `${' '.repeat(timeWidth)}  ${gutter(goesOn)}${' '.repeat(whoWidth)}  ${coloured(text)}`),
    ];
  });
}

/** `0.34 s`. */
export function secondsOf(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(2)} s`;
}

/** `✓`, `✗`, `?`: how a claim or a scenario is marked. */
export function markOf(held: boolean | null): string {
  return held === null ? '?' : held ? '✓' : '✗';
}

function staysOf(timeline: readonly TimelineEntry[]): readonly Stay[] {
  return timeline.flatMap(({ begins }, from) => {
    if (begins === undefined) return [];
    const healed = timeline.findIndex(({ ends }) => ends === begins);
    return [{ from, to: healed === -1 ? timeline.length : healed, healed: healed !== -1 }];
  });
}

/** As few columns as can be, in which no two stays meet. */
function lanesOf(stays: readonly Stay[]): readonly (readonly Stay[])[] {
  const lanes: Stay[][] = [];
  for (const stay of stays) {
    const free = lanes.find((lane) => lane.every(({ to }) => to < stay.from));
    if (free === undefined) lanes.push([stay]);
    else free.push(stay);
  }
  return lanes;
}

function partOf(lane: readonly Stay[], line: number): Part {
  const stay = lane.find(({ from, to }) => from <= line && line <= to);
  if (stay === undefined) return 'outside';
  if (line === stay.from) return 'begin';
  return line === stay.to && stay.healed ? 'end' : 'within';
}

function textOf({ what, held }: TimelineEntry): string {
  return held === undefined ? what : `${markOf(held)} ${what}`;
}

function colourOf({ held, begins, ends }: TimelineEntry): 'red' | 'green' | 'yellow' | null {
  if (held !== undefined) return held === null ? 'yellow' : held ? 'green' : 'red';
  return begins === undefined && ends === undefined ? null : 'red';
}
