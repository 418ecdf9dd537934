/** What may be the case while answers are missing, on a register that says what it held before. */

import { describe, expect, test } from 'vitest';
import type { Judged } from '../../chaos/schedule.ts';
import { type Effect, type Possible, settled, unfolded } from '../../chaos/schedule-worlds.ts';
import type { Observation } from '../../fixtures/model/probe.ts';

/** Writes a letter behind the others, once; the answer is what was there before. */
type Letter = string;

const rules = {
  after: (world: string, letter: Letter, heard: Observation | null): Judged<string> => {
    const told = heard?.rows[0]?.[0] ?? null;
    const next = world.includes(letter) ? world : world + letter;
    return { world: next, differs: told === null || told === world ? [] : [`told ${told}, had ${world}`] };
  },
  found: (world: string, rows: string): Judged<string> => ({
    world,
    differs: [...world].filter((letter, at) => rows[at] !== letter).concat([...rows.slice(world.length)]),
  }),
  digest: (world: string) => world,
};

const from = (...worlds: readonly string[]): readonly Possible<string, Letter>[] =>
  worlds.map((world) => ({ world, open: [] }));
let ids = 0;
function call(command: Letter, told: string | null): Effect<Letter> {
  const heard = told === null ? null : ({ rows: [[told]] } as unknown as Observation);
  ids += 1;
  return { id: ids, command, heard, isCertain: told !== null };
}
const lost = (command: Letter) => call(command, null);
const seen = (worlds: readonly Possible<string, Letter>[]) =>
  worlds.map(({ world, open }) => `${world}${open.map(({ command }) => `?${command}`).join('')}`).toSorted();

describe('what may be the case', () => {
  test('an answered call has happened, and a wrong answer leaves no world', () => {
    expect(seen(unfolded(rules, from('a'), [call('b', 'a')]).worlds)).toEqual(['ab']);
    expect(unfolded(rules, from('a'), [call('b', '')])).toEqual({ worlds: [], because: ['told , had a'] });
  });

  test('of two at once the answers tell the order', () => {
    expect(seen(unfolded(rules, from(''), [call('b', 'c'), call('c', '')]).worlds)).toEqual(['cb']);
    expect(unfolded(rules, from(''), [call('b', ''), call('c', '')]).worlds).toEqual([]);
  });

  test('a call in doubt may happen at any time, until an answer shows when', () => {
    const doubt = unfolded(rules, from(''), [lost('a')]);
    expect(seen(doubt.worlds)).toEqual(['?a']);
    const unseen = unfolded(rules, doubt.worlds, [call('b', '')]);
    expect(seen(unseen.worlds)).toEqual(['b?a']);
    expect(seen(unfolded(rules, unseen.worlds, [call('c', 'ba')]).worlds)).toEqual(['bac']);
    expect(seen(unfolded(rules, doubt.worlds, [call('b', 'a')]).worlds)).toEqual(['ab']);
  });

  test('once the backends are gone the rows tell what has happened, and nothing is open any more', () => {
    const { worlds } = unfolded(rules, from(''), [lost('a'), lost('b')]);
    for (const rows of ['', 'a', 'b', 'ab', 'ba']) expect(seen(settled(rules, worlds, rows).worlds)).toEqual([rows]);
    expect(settled(rules, worlds, 'aa').worlds).toEqual([]);
    expect(settled(rules, worlds, 'abc')).toEqual({ worlds: [], because: ['c'] });
  });

  test('a retry that is answered before its first try is settled has one effect, in either order', () => {
    const first = unfolded(rules, from(''), [lost('a')]);
    expect(seen(unfolded(rules, first.worlds, [call('a', '')]).worlds)).toEqual(['a?a']);
    const both = unfolded(rules, first.worlds, [call('a', 'a')]);
    expect(seen(both.worlds)).toEqual(['a']);
    expect(settled(rules, both.worlds, 'aa').worlds).toEqual([]);
  });

  test('what a statement answered before its COMMIT was lost must fit where it happened', () => {
    const heard = { ...call('b', 'a'), isCertain: false };
    expect(seen(settled(rules, unfolded(rules, from('', 'a'), [heard]).worlds, 'ab').worlds)).toEqual(['ab']);
    expect(settled(rules, unfolded(rules, from(''), [heard]).worlds, 'b').worlds).toEqual([]);
    expect(seen(settled(rules, unfolded(rules, from(''), [heard]).worlds, '').worlds)).toEqual(['']);
  });

  test('worlds that are the same count once', () => {
    expect(seen(unfolded(rules, from('a', 'ab'), [call('b', 'a'), lost('b')]).worlds)).toEqual(['ab?b']);
  });
});
