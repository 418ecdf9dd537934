/** Service levels: when one is met, what is said of many times, and the table that is written. */

import { expect, it } from 'vitest';
import { type LevelsReport, toMarkdown } from '../../reports/service-levels.ts';
import { levelOf } from '../bench/core-callers.ts';
import { power, tooLargeFor } from '../bench/core-outcomes.ts';
import type { DataPlace } from '../bench/machine.ts';
import { met, percentile } from '../bench/measurement.ts';

const times = Array.from({ length: 200 }, (_, n) => 200 - n);
const spread = {
  p50: percentile(times, 0.5),
  p95: percentile(times, 0.95),
  p99: percentile(times, 0.99),
  calls: 200,
  succeeded: 198,
  others: { rate_limited: 2 },
};

it('a percentile is the least time that so many calls do not exceed, whatever their order', () => {
  expect([spread.p50, spread.p95, spread.p99, percentile(times, 1)]).toEqual([100, 190, 198, 200]);
  expect(percentile([], 0.99)).toBeNaN();
});

it('a level is met up to its limit or below it, as its relation says, and never without a measurement', () => {
  const at = (value: number) => [
    met(levelOf('append', spread, 'p99', { relation: '<', value })),
    met(levelOf('append', spread, 'p99', { relation: '≤', value })),
  ];
  expect([at(197), at(198), at(199)]).toEqual([
    [false, false],
    [false, true],
    [true, true],
  ]);
  const none = { ...spread, p99: percentile([], 0.99) };
  expect(met(levelOf('append', none, 'p99', { relation: '<', value: 100 }))).toBe(false);
});

it('the table shows limit and measurement side by side, other answers, the machine and what was left out', () => {
  const level = levelOf('append | own scope', spread, 'p99', { relation: '<', value: 100 });
  const report: LevelsReport = {
    server: 'PostgreSQL 17.10, embedded',
    quick: true,
    machine: {
      cpus: 2,
      model: 'Some CPU',
      gigabytes: 25,
      load: { before: 0.25, after: 8 },
      data: 'in memory',
      settings: { fsync: 'off', shared_buffers: '64MB' },
    },
    notes: [`${power(10_000_000)} outcomes are left out.`],
    measurements: [{ ...level, met: met(level) }],
  };
  expect(toMarkdown(report)).toBe(`# Service levels

0 met, 1 missed, at the smaller sizes. PostgreSQL 17.10, embedded.

2 CPUs (Some CPU), 25 GB, shared by the server and all callers; load 0.3 before, 8.0 after; data in memory, fsync off, shared_buffers 64MB.

10⁷ outcomes are left out.

## core

| | service level | measured | target | under |
|---|---|---:|---:|---|
| **missed** | append \\| own scope, p99 | 198 ms | < 100 ms | p50 100.0, p95 190.0; 198 of 200 answered, rate_limited 2 |
`);
});

it('ten million outcomes are left out, with the reason, where no disk of this machine has room for them', () => {
  const sentence = (kind: DataPlace['kind'], free: number) => tooLargeFor({ kind, free }, 10_000_000);
  expect(sentence('on disk', 16)).toBeNull();
  expect(sentence('on disk', 15)).toBe('10⁷ outcomes are left out: they take 16 GB, and 15 GB are free.');
  expect(sentence('in memory', 900)).toContain('in memory');
  expect(sentence('on another machine', Number.NaN)).toContain('on another machine');
});
