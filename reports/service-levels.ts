/** Measured service levels as files: everything as JSON, and a table to be read. */

export interface LevelsReport {
  readonly server: string;
  readonly quick: boolean;
  readonly machine: Machine;
  /** What was left out, and why. */
  readonly notes: readonly string[];
  readonly measurements: readonly Level[];
}

export interface Machine {
  readonly cpus: number;
  readonly model: string;
  readonly gigabytes: number;
  /** Processes that ran or waited, over the last minute, before the first bench and after the last. */
  readonly load: { readonly before: number; readonly after: number };
  /** Where the server keeps its data. */
  readonly data: string;
  /** Settings of the server on which times depend. */
  readonly settings: Readonly<Record<string, string>>;
}

export interface Level {
  readonly system: string;
  readonly level: string;
  readonly measured: number;
  readonly unit: string;
  readonly target: { readonly relation: string; readonly value: number };
  readonly under: string;
  readonly met: boolean;
}

/** The machine in one sentence: callers and server share it, so that no level is better than it. */
export function machineLine({ cpus, model, gigabytes, load, data, settings }: Machine): string {
  const said = Object.entries(settings).map(([name, value]) => `${name} ${value}`);
  return `${cpus} CPUs (${model}), ${gigabytes} GB, shared by the server and all callers; load ${load.before.toFixed(1)} before, ${load.after.toFixed(1)} after; data ${data}, ${said.join(', ')}`;
}

/** `12.3 ms`, `98%`. */
export function quantity(value: number, unit: string): string {
  const digits = Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1);
  return `${digits} ${unit}`.trim();
}

/** A page with one table for each system. */
export function toMarkdown(report: LevelsReport): string {
  const missed = report.measurements.filter(({ met }) => !met).length;
  const tables = [...Map.groupBy(report.measurements, ({ system }) => system)].map(([system, levels]) =>
    [
      `## ${system}`,
      '',
      '| | service level | measured | target | under |',
      '|---|---|---:|---:|---|',
      ...levels.map(row),
    ].join('\n'),
  );
  const head = [
    '# Service levels',
    `${report.measurements.length - missed} met, ${missed} missed${report.quick ? ', at the smaller sizes' : ''}. ${report.server}.`,
    `${machineLine(report.machine)}.`,
    ...report.notes,
  ];
  return `${[...head, ...tables].join('\n\n')}\n`;
}

function row({ level, measured, unit, target, under, met }: Level): string {
  const cells = [
    met ? 'met' : '**missed**',
    level,
    quantity(measured, unit),
    `${target.relation} ${quantity(target.value, unit)}`,
    under,
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
