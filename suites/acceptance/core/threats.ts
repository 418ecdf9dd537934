/** Holds the threat map against the catalog: each RPC by the letters of STRIDE, each table by those of LINDDUN. */

import { documentedReplies } from './documented.ts';
import type { Cell, Facts, Registry } from './registry.ts';
import { triggers } from './triggers.ts';

const LETTERS = {
  stride: ['S', 'T', 'R', 'I', 'D', 'E'],
  linddun: ['L', 'I', 'N', 'D', 'Di', 'U', 'Nc'],
} as const;

type Side = keyof typeof LETTERS;

/** The denominators are the catalog's: a new RPC or table is a gap until the map says something of it. */
export function threatDisagreements(registry: Registry, facts: Facts): readonly string[] {
  const tests = testsOf(registry, facts);
  return [
    ...uncovered('stride', registry, [...new Set(facts.rpcs.map(({ name }) => name))], tests),
    ...uncovered('linddun', registry, facts.tables, tests),
    ...unusedWords(registry),
  ];
}

/** What a cell may name as its test: a T-id, or a row of the tables of this folder by the name of its test. */
function testsOf(registry: Registry, { tables }: Facts): ReadonlySet<string> {
  const replies = [...documentedReplies(registry)].flatMap(([rpc, pairs]) =>
    [...pairs].map((pair) => pair.replace(/^done /, `${rpc} answers: `).replace(/^refused /, `${rpc} refuses: `)),
  );
  return new Set([
    ...Object.keys(registry.tests),
    ...replies,
    ...registry.rpcs.map(({ name, role }) => `${name} is for ${role} alone`),
    ...tables.flatMap((table) => [`${table} is written by no client`, `${table} shows a stranger nothing`]),
    ...[...triggers.refusing, triggers.cleaning].map(({ name }) => `trigger ${name}`),
  ]);
}

function uncovered(
  side: Side,
  registry: Registry,
  names: readonly string[],
  tests: ReadonlySet<string>,
): readonly string[] {
  const rows = registry.threats[side];
  return [
    ...names.flatMap((name) =>
      LETTERS[side].flatMap((letter) => cellFaults(`${side}: ${name}`, letter, rows[name]?.[letter], registry, tests)),
    ),
    ...Object.keys(rows)
      .filter((name) => !names.includes(name))
      .map((name) => `${side}: there is no ${name}`),
    ...Object.entries(rows).flatMap(([name, row]) =>
      Object.keys(row)
        .filter((letter) => !LETTERS[side].some((known) => known === letter))
        .map((letter) => `${side}: ${name} speaks of ${letter}, which is no letter`),
    ),
  ];
}

function cellFaults(
  where: string,
  letter: string,
  cell: Cell | undefined,
  { controls, invariants }: Registry,
  tests: ReadonlySet<string>,
): readonly string[] {
  if (!cell) return [`${where} says nothing of ${letter}`];
  if ('none' in cell) return cell.none.trim() === '' ? [`${where} has no reason at ${letter}`] : [];
  const known = {
    control: cell.control in controls,
    test: tests.has(cell.test),
    invariant: cell.invariant in invariants,
  };
  const strange = (['control', 'test', 'invariant'] as const).filter((word) => !known[word]);
  const empty = (['threat', 'asset'] as const).filter((word) => cell[word].trim() === '');
  return [
    ...strange.map((word) => `${where} names the unknown ${word} ${cell[word]} at ${letter}`),
    ...empty.map((word) => `${where} has no ${word} at ${letter}`),
  ];
}

/** Every control, invariant and test answers some threat. */
function unusedWords({ threats, controls, invariants, tests }: Registry): readonly string[] {
  const cells = Object.values(threats).flatMap((side) => Object.values(side).flatMap((row) => Object.values(row)));
  const used = new Set(
    cells.flatMap((cell) =>
      'none' in cell ? [] : [`control ${cell.control}`, `test ${cell.test}`, `invariant ${cell.invariant}`],
    ),
  );
  const all = [
    ...Object.keys(controls).map((name) => `control ${name}`),
    ...Object.keys(invariants).map((name) => `invariant ${name}`),
    ...Object.keys(tests).map((name) => `test ${name}`),
  ];
  return all.filter((word) => !used.has(word)).map((word) => `threats: no threat names ${word}`);
}
