/** Checks the project's own files against the house rules. */

import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bans, longestFile } from './bans.ts';

const rooms = '{fixtures,suites,chaos,supabase,reports,scripts,docs,.ci,.github}/**/*.{ts,js,sql,md,yaml,yml,json,sh}';
const topLevel = '{*.{ts,js,md,json},.ci/*}';
const ignored = new Set(['package-lock.json']);

/** One line a broken rule, `path:line: what, and what to do instead`; none: the house is tidy. */
export function inspectHouse(root: string): readonly string[] {
  const paths = globSync([rooms, topLevel], { cwd: root, exclude: ['**/node_modules/**', 'reports/out/**'] });
  return paths
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => !ignored.has(path))
    .toSorted()
    .flatMap((path) => inspectFile(path, readFileSync(join(root, path), 'utf8')));
}

/** The same for one file's text. */
export function inspectFile(path: string, text: string): readonly string[] {
  // The table of bans spells out what it bans, and its test plants it.
  if (/(?:^|\/)(?:scripts\/tidy\/bans|suites\/self\/tidy\.test)\.ts$/.test(path)) return [];
  const lines = text.split('\n');
  return [...tooLong(path, lines), ...unexplained(path, lines), ...banned(path, lines)];
}

function tooLong(path: string, lines: readonly string[]): readonly string[] {
  const count = lines.at(-1) === '' ? lines.length - 1 : lines.length;
  // A migration is as long as its version needs.
  if (!/\.(ts|sql)$/.test(path) || /\/migrations\//.test(path) || count <= longestFile) return [];
  return [
    `${path}:${count}: ${count} lines are more than ${longestFile}; make it two files, each with a name that says what it is for`,
  ];
}

function unexplained(path: string, [first = '']: readonly string[]): readonly string[] {
  if (!path.endsWith('.ts') || first.startsWith('/**')) return [];
  return [`${path}:1: it does not open with a comment; say in one sentence what the file is for`];
}

function banned(path: string, lines: readonly string[]): readonly string[] {
  return bans
    .filter(({ paths }) => paths.test(path))
    .flatMap(({ name, pattern, instead }) => {
      const at = lines.findIndex((line) => pattern.test(line));
      return at === -1 ? [] : [`${path}:${at + 1}: ${name}; ${instead}`];
    });
}
