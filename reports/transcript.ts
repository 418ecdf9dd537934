/** What a replayed witness showed, as psql would print it. */

import type { Replay, ReplayStep } from '../fixtures/engine/replay.ts';
import type { Reply } from '../fixtures/wire/session.ts';

const MOST_ROWS = 8;
const WIDEST = 40;

/** The acts and looks with their answers, and every other statement that failed. */
export function transcript({ steps }: Replay): string {
  const several = new Set(steps.map(({ session }) => session)).size > 1;
  return steps
    .filter(({ kind, exchange }) => kind !== 'other' || exchange.error !== null)
    .map((step) => [`${several ? `session ${step.session} ` : ''}=> ${step.sql}`, ...answer(step), ''].join('\n'))
    .join('\n');
}

function answer({ exchange, notifications }: ReplayStep): readonly string[] {
  const { error, notices, replies } = exchange;
  return [
    ...notices.map(({ severity, message }) => `${severity}:  ${message}`),
    ...(error ? [`ERROR:  ${error.sqlstate}: ${error.message}`] : []),
    ...(error?.detail ? [`DETAIL:  ${error.detail}`] : []),
    ...replies.flatMap(table),
    ...notifications.map((payload) => `Notification received: ${payload}`),
  ];
}

function table({ command, count, columns, rows }: Reply): readonly string[] {
  if (columns.length === 0) return [count === null ? command : `${command} ${count}`];
  const cut = (cell: string | null) => {
    const text = (cell ?? '').replaceAll(/\s+/g, ' ');
    return text.length > WIDEST ? `${text.slice(0, WIDEST - 1)}…` : text;
  };
  const shown = [columns.map(cut), ...rows.slice(0, MOST_ROWS).map((cells) => cells.map(cut))];
  const widths = columns.map((_, at) => Math.max(...shown.map((cells) => cells[at]?.length ?? 0)));
  const lines = shown.map((cells) => ` ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')}`.trimEnd());
  const rest = rows.length > MOST_ROWS ? [` … ${rows.length - MOST_ROWS} more`] : [];
  return [...lines, ...rest, `(${rows.length} ${rows.length === 1 ? 'row' : 'rows'})`];
}
