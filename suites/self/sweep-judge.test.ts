/** Judging a cell: each thing that must hold, seen not to. */

import { describe, expect, test } from 'vitest';
import { judge, type Seen } from '../../chaos/judge.ts';
import type { Told } from '../../chaos/model.ts';

const answered: Told = { state: 'answered' };
const lost: Told = { state: 'lost', code: 'ECONNRESET' };
const refused = (sqlstate: string): Told => ({ state: 'refused', sqlstate });

const done = { told: answered, stored: 'once', oddities: [] } as const;

/** Lost on the way, nothing stored, and done when it was made again. */
const sound: Seen = {
  harmless: false,
  skewed: false,
  writes: true,
  repeats: 'again',
  told: lost,
  declined: false,
  gone: true,
  stored: 'absent',
  oddities: [],
  again: done,
  left: [],
  missed: null,
};
const twice = { ...done, stored: 'twice' } as const;
const idempotent = { repeats: 'once', stored: 'once' } as const;

describe('a cell is held', () => {
  test.for<readonly [string, Partial<Seen>]>([
    ['that was lost, and is done when made again', {}],
    ['that was lost when it was stored, and made again is stored twice', { stored: 'once', again: twice }],
    ['that was lost when it was stored, and repeats to nothing', idempotent],
    [
      'that is refused when made again, being there already',
      { ...idempotent, again: { ...done, told: refused('23505') } },
    ],
    ['that was answered and is stored', { told: answered, stored: 'once', again: twice }],
    ['that was refused and is not stored', { told: refused('40001') }],
    ['that was ended by the server, which had committed it', { told: refused('57P01'), stored: 'once', again: twice }],
    ['that was answered that it was not done', { told: answered, declined: true }],
    [
      'whose clock was off, with another answer',
      { skewed: true, told: answered, declined: true, stored: 'once', again: twice },
    ],
    [
      'whose clock was off, and whose key stands for that outcome',
      { skewed: true, told: answered, declined: true, again: { ...done, stored: 'absent' } },
    ],
    ['whose clock was off, and that is refused', { skewed: true, told: refused('22008') }],
    [
      'that reads, and was answered',
      { writes: false, told: answered, repeats: 'once', again: { ...done, stored: 'absent' } },
    ],
  ])('%s', ([, seen]) => {
    expect(judge({ ...sound, ...seen })).toEqual({ verdict: 'held', reasons: [] });
  });
});

describe('a cell is broken', () => {
  test.for<readonly [string, Partial<Seen>, string]>([
    ['told nothing', { told: null }, 'the client was told nothing within its bound'],
    ['whose backend went on', { gone: false }, 'its backend went on when everything was healed and cut'],
    [
      'that fails where nothing is broken',
      { harmless: true, told: refused('42501') },
      'nothing was broken, and it was refused (42501)',
    ],
    [
      'that is cut where nothing is broken',
      { harmless: true, told: lost },
      'nothing was broken, and it was lost (ECONNRESET)',
    ],
    [
      'that declines where nothing is broken',
      { harmless: true, told: answered, declined: true },
      'nothing was broken, and it was answered otherwise',
    ],
    [
      'that is lost where only a clock was off',
      { skewed: true, told: lost },
      'nothing was in its way, and it was lost (ECONNRESET)',
    ],
    [
      'refused because of a clock, and not done with the right one',
      { skewed: true, told: refused('22008'), again: { ...done, stored: 'absent' } },
      'made again, it should be stored once and is absent',
    ],
    ['done twice', { stored: 'twice' }, 'it was done twice'],
    ['half done', { stored: 'other', oddities: ['1 of its 2 rows are stored'] }, '1 of its 2 rows are stored'],
    [
      'that left something that nobody can name',
      { stored: 'other' },
      'what is stored is neither all of it nor nothing',
    ],
    ['answered and lost', { told: answered }, 'it was answered, and nothing is stored'],
    [
      'declined and stored',
      { told: answered, declined: true, stored: 'once', again: twice },
      'its reply declines, and all of it is stored',
    ],
    [
      'refused and stored',
      { told: refused('40001'), stored: 'once', again: twice },
      'it was refused (40001), and all of it is stored',
    ],
    [
      'that nobody can make again',
      { again: { ...done, told: lost } },
      'all was healed, and the same call again was lost (ECONNRESET)',
    ],
    [
      'refused when made again, being not there',
      { again: { ...done, told: refused('23505') } },
      'all was healed, and the same call again was refused (23505)',
    ],
    [
      'that is refused again though it can be repeated',
      { stored: 'once', again: { ...twice, told: refused('23505') } },
      'all was healed, and the same call again was refused (23505)',
    ],
    [
      'that repeats to more, and must not',
      { ...idempotent, again: twice },
      'made again, it should be stored once and is twice',
    ],
    [
      'lost by being made again',
      { again: { ...done, stored: 'absent' } },
      'made again, it should be stored once and is absent',
    ],
    [
      'that repeats to nothing, and must not',
      { stored: 'once', again: done },
      'made again, it should be stored twice and is once',
    ],
    [
      'half done when made again',
      { again: { ...done, stored: 'other', oddities: ['a row too many'] } },
      'made again, it should be stored once and is other: a row too many',
    ],
    ['that reads, and writes when made again', { writes: false, again: done }, 'made again, it wrote something'],
    ['that leaves something', { left: ['a lock'] }, 'a lock'],
  ])('%s', ([, seen, reason]) => {
    expect(judge({ ...sound, ...seen })).toEqual({ verdict: 'broken', reasons: [reason] });
  });
});

test('a cell that was not struck is unknown, unless it is broken all the same', () => {
  expect(judge({ ...sound, missed: 'it ended first' })).toEqual({ verdict: 'unknown', reasons: ['it ended first'] });
  expect(judge({ ...sound, missed: 'it ended first', left: ['a lock'] }).verdict).toBe('broken');
});
