/** What a run has done: how often each command was answered how, as a table. */

import { type Command, type Doing, isHappening } from './model-commands.ts';
import type { Tally } from './model-run.ts';
import { codeOf } from './model-script.ts';
import type { Reply } from './model-state.ts';

export interface Counted extends Tally {
  /** Commands so far, without what merely happened. */
  readonly commands: () => number;
  readonly pairs: () => { readonly all: number; readonly waited: number };
  /** Commands of which none succeeded, or none was refused. */
  readonly oneSided: () => readonly string[];
  readonly table: () => string;
}

/** Every kind of command that somebody gives. */
const kinds: readonly Doing[] = [
  ...(['createScope', 'dm', 'append', 'timeline', 'dialogs', 'status', 'invite', 'accept', 'reject'] as const),
  ...(['member', 'ack', 'missing', 'policy', 'large', 'mode', 'approve', 'rebuild', 'purge'] as const),
  ...(['migrate', 'expire', 'archive', 'purgeRates', 'setting', 'look'] as const),
];

export function counted(): Counted {
  const codes = new Map<string, Map<string, number>>();
  const succeeded = new Set<string>();
  const refused = new Set<string>();
  const pairs = { all: 0, waited: 0 };
  let commands = 0;
  return {
    count: (command: Command, reply: Reply) => {
      const of = codes.get(command.do) ?? new Map<string, number>();
      of.set(codeOf(reply), (of.get(codeOf(reply)) ?? 0) + 1);
      codes.set(command.do, of);
      if (isHappening(command)) return;
      commands += 1;
      (reply['ok'] === true ? succeeded : refused).add(command.do);
    },
    pair: (waited) => {
      pairs.all += 1;
      if (waited) pairs.waited += 1;
    },
    commands: () => commands,
    pairs: () => ({ ...pairs }),
    oneSided: () => kinds.filter((kind) => !succeeded.has(kind) || !refused.has(kind)),
    table: () =>
      [...codes]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([verb, of]) => line(verb, of))
        .join('\n'),
  };
}

function line(verb: string, codes: ReadonlyMap<string, number>): string {
  const sum = [...codes.values()].reduce((all, count) => all + count, 0);
  const often = [...codes].toSorted(([, a], [, b]) => b - a).map(([code, count]) => `${code} ${count}`);
  return `${verb.padEnd(14)}${String(sum).padStart(5)}  ${often.join(', ')}`;
}
