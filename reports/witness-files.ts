/** The witnesses of a check as files: one for each finding, or one for each turn where several sessions take part. */

import { SESSION } from '../fixtures/engine/witness.ts';
import type { FindingEntry } from './findings.ts';

export interface WitnessFile {
  /** Below the folder of the reports. */
  readonly path: string;
  readonly content: string;
}

/** `witness/<key>.sql`; or `witness/<key>/1-session-1.sql`, `2-session-2.sql`, …, to be run in that order. */
export function witnessFiles(findings: readonly Pick<FindingEntry, 'key' | 'witness'>[]): readonly WitnessFile[] {
  const names = new Set<string>();
  return findings.flatMap(({ key, witness }) => {
    const name = freeName(key.replaceAll(/[^\w.-]+/g, '_').slice(0, 120), names);
    const turns = turnsOf(witness);
    if (turns.length < 2) return [{ path: `witness/${name}.sql`, content: witness }];
    return turns.map(({ session, content }, at) => ({
      path: `witness/${name}/${at + 1}-session-${session}.sql`,
      content,
    }));
  });
}

function freeName(wanted: string, names: Set<string>): string {
  let name = wanted;
  for (let number = 2; names.has(name); number += 1) name = `${wanted}-${number}`;
  names.add(name);
  return name;
}

/** What stands before the first session's mark belongs to it. */
function turnsOf(witness: string): readonly { readonly session: string; readonly content: string }[] {
  const parts = witness.split(new RegExp(`^(?=${SESSION} \\d+$)`, 'm'));
  const head = parts[0]?.startsWith(SESSION) === false ? (parts.shift() ?? '') : '';
  return parts.map((part, at) => ({
    session: part.slice(SESSION.length).trim().split('\n')[0] ?? '1',
    content: at === 0 ? head + part : part,
  }));
}
