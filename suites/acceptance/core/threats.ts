/** Holds the threat map against the catalog: each RPC by the letters of STRIDE, each table by those of LINDDUN. */

import type { Cell, Facts, Registry } from './registry.ts';

const LETTERS = {
  stride: ['S', 'T', 'R', 'I', 'D', 'E'],
  linddun: ['L', 'I', 'N', 'D', 'Di', 'U', 'Nc'],
} as const;

type Side = keyof typeof LETTERS;

/** The denominators are the catalog's: a new RPC or table is a gap until the map says something of it. */
export function threatDisagreements(registry: Registry, facts: Facts): readonly string[] {
  return [
    ...uncovered('stride', registry, [...new Set(facts.rpcs.map(({ name }) => name))]),
    ...uncovered('linddun', registry, facts.tables),
    ...unusedWords(registry),
  ];
}

function uncovered(side: Side, registry: Registry, names: readonly string[]): readonly string[] {
  const rows = registry.threats[side];
  return [
    ...names.flatMap((name) =>
      LETTERS[side].flatMap((letter) => cellFaults(`${side}: ${name}`, letter, rows[name]?.[letter], registry)),
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

function cellFaults(where: string, letter: string, cell: Cell | undefined, registry: Registry): readonly string[] {
  if (!cell) return [`${where} says nothing of ${letter}`];
  if ('none' in cell) return cell.none.trim() === '' ? [`${where} has no reason at ${letter}`] : [];
  const known = { control: registry.controls, test: registry.tests, invariant: registry.invariants };
  const strange = (['control', 'test', 'invariant'] as const).filter((word) => !(cell[word] in known[word]));
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
