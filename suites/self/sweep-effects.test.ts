/** What an act does, told from what two runs have not in common; whole, twice, half done and with something besides. */

import { describe, expect, test } from 'vitest';
import { effectsOf, oddities, storedBy } from '../../chaos/effects.ts';
import { type Change, changesBetween, leavesOf, type State } from '../../chaos/stored.ts';
import type { Json } from '../../fixtures/model/world.ts';

const inserted = (table: string, row: Json): Change => ({ table, kind: 'insert', key: '', leaves: leavesOf(row) });
const updated = (table: string, key: string, row: Json): Change => ({
  table,
  kind: 'update',
  key,
  leaves: leavesOf(row),
});

/** A note with an id of its own, and a count of notes. */
const run = (id: string, at: string, count = 1) => [
  inserted('notes', { id, at, body: 'hello', meta: { seen: [id, 'x'] } }),
  updated('tallies', 'ann', { notes: count }),
];
const both = (id: string) => [
  inserted('notes', { id: `${id}2`, at: '2026-01-01T00:00:00', body: 'hello', meta: { seen: ['b', 'x'] } }),
  ...run(id, '2026-01-01T00:00:00', 2),
];
const effects = effectsOf(
  { once: run('a', '2026-01-01T00:00:00'), twice: both('a') },
  { once: run('b', '2026-01-01T00:00:00'), twice: both('b') },
);
const stored = (changes: readonly Change[], declined = false) => storedBy(changes, effects, declined);

describe('effects', () => {
  test('leave out what differs between two runs, value by value, and every moment', () => {
    expect([...(effects.volatile.get('insert notes') ?? [])].toSorted()).toEqual(['at', 'id', 'meta.seen.0']);
    expect([...(effects.volatile.get('update tallies') ?? [])]).toEqual([]);
  });

  test.for<readonly [string, readonly Change[], string]>([
    ['absent', [], 'nothing changed'],
    ['once', run('c', '2027-05-05T00:00:00'), 'all of it is there, with another key at another time'],
    ['twice', both('c'), 'it was done twice'],
    ['other', run('c', '2027-05-05T00:00:00').slice(0, 1), 'the count is missing'],
    ['other', [...run('c', '').slice(0, 1), updated('tallies', 'bob', { notes: 1 })], "somebody else's count changed"],
    ['other', [...run('c', ''), updated('tallies', 'bob', { notes: 1 })], "somebody else's count changed, too"],
    ['other', run('c', '', 3), 'the count is wrong'],
    [
      'other',
      [inserted('notes', { id: 'c', at: '', body: 'hullo', meta: { seen: ['c', 'x'] } }), ...run('c', '').slice(1)],
      'the text is wrong',
    ],
    ['other', [{ table: 'notes', kind: 'delete', key: 'old', leaves: new Map() }], 'a row went'],
  ])('%s: %s', ([expected, changes]) => {
    expect(stored(changes)).toBe(expected);
  });

  test('a call that declines may take a note of it, and nothing more', () => {
    const note = inserted('refusals', { why: 'busy' });
    expect(stored([note])).toBe('other');
    expect(stored([note], true)).toBe('absent');
    expect(stored([note, ...run('c', '').slice(0, 1)], true)).toBe('other');
    expect(stored([updated('tallies', 'bob', { notes: 7 })], true)).toBe('other');
  });

  test('what an act notes of each call, it may note of one that declines', () => {
    const noted = (body: string) => inserted('log', { body });
    const once = [noted('called'), inserted('notes', { body: 'hello' }), updated('tallies', 'ann', { notes: 1 })];
    const replayed = { once, twice: [noted('called'), ...once] };
    const logged = effectsOf(replayed, replayed);
    expect(storedBy([noted('called')], logged, true)).toBe('absent');
    expect(storedBy([noted('called')], logged, false)).toBe('other');
    expect(storedBy(once.slice(0, 2), logged, true)).toBe('other');
  });

  test('what is odd is said in words', () => {
    expect(oddities(run('c', '').slice(0, 1), effects)).toEqual([
      '1 of its 2 rows are stored, without update tallies × 1',
    ]);
    expect(oddities([updated('tallies', 'bob', { notes: 1 })], effects)).toEqual([
      'rows that it never writes: update tallies × 1',
    ]);
  });
});

test('changes are rows that are new, gone, or say something else; of those, what they say now', () => {
  const state = (rows: Readonly<Record<string, Json>>): State =>
    new Map([['notes', new Map(Object.entries(rows) as [string, { readonly [column: string]: Json }][])]]);
  const before = state({ a: { id: 'a', n: 1, list: [1, 2] }, b: { id: 'b', n: 1 }, c: { id: 'c', n: 1 } });
  const after = state({ a: { id: 'a', n: 2, list: [1] }, b: { id: 'b', n: 1 }, d: { id: 'd', n: 1 } });
  expect(changesBetween(before, after)).toEqual([
    { table: 'notes', kind: 'delete', key: 'c', leaves: new Map() },
    {
      table: 'notes',
      kind: 'update',
      key: 'a',
      leaves: new Map([
        ['n', '2'],
        ['list.1', 'gone'],
      ]),
    },
    {
      table: 'notes',
      kind: 'insert',
      key: 'd',
      leaves: new Map([
        ['id', '"d"'],
        ['n', '1'],
      ]),
    },
  ]);
  expect(changesBetween(before, before)).toEqual([]);
});
