/** What is told of a run under faults: the file and its schema, the screen, JUnit. */

import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import type { ChaosNotes, Sweep } from '../../chaos/model.ts';
import { type ChaosFacts, chaosFile } from '../../reports/chaos.ts';
import schema from '../../reports/chaos_report.schema.json' with { type: 'json' };
import { sweepEntries } from '../../reports/chaos-junit.ts';
import { proxyWords, toChaosScreen } from '../../reports/chaos-screen.ts';
import { redactAll } from '../../reports/secrets.ts';
import { broken, brokenSchedule, held, heldSweep, proxy, schedule, sweep, warned } from './sample-chaos.ts';

const plain = (_: unknown, text: string) => text;
const again = (system: string) => `npm run chaos -- supabase/${system} --seed 7`;
const options = { paint: plain, verbose: false, out: 'reports/out', again };
const facts: ChaosFacts = {
  ...{ version: '0.1.0', server: { version: '17.10', kind: 'embedded' }, seed: 7, full: false },
  run: { id: 'r', started: '2026-01-01T00:00:00Z', milliseconds: 90_000, server: 'PostgreSQL 17.10', replay: 'again' },
};

const tell = (...told: readonly Omit<ChaosNotes, 'proxy'>[]) =>
  chaosFile(
    told.map((one) => ({ proxy, ...one })),
    facts,
  );

const everything = [
  ...[{ scenario: warned }, { scenario: broken }, { scenario: held }],
  ...[{ sweep: heldSweep }, { sweep }, { schedule: brokenSchedule }, { schedule }],
];

describe('The file', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);

  test.for([
    ['everything', tell(...everything)],
    ['a scenario alone', tell({ scenario: held })],
    ['nothing', tell()],
  ] as const)('fits its schema with %s', ([, file]) => {
    expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...file, more: 1 })).toBe(false);
  });

  test('is the same in whichever order the tests ended', () => {
    expect(JSON.stringify(tell(...everything.toReversed()))).toBe(JSON.stringify(tell(...everything)));
  });

  test('puts the parts of a sweep together: one for each act come to the same as one for all', () => {
    const isOf = (name: string) => (one: { readonly act: string }) => one.act === name;
    const parts = sweep.acts.map(
      ({ name }, at): Sweep => ({
        ...sweep,
        acts: sweep.acts.filter((act) => act.name === name),
        cells: sweep.cells.filter(isOf(name)),
        impossible: sweep.impossible.filter(isOf(name)),
        ...(at === 0 ? {} : { actless: [] }),
        milliseconds: sweep.milliseconds / 2,
      }),
    );
    const whole = tell({ sweep }).sweep;
    const { gaps, ...together } = tell(...parts.map((part) => ({ sweep: part }))).sweep ?? { gaps: [] };
    expect({ ...together, gaps: whole?.gaps }).toEqual(whole);
    // Of a part alone, the faults have not met every moment.
    expect(gaps).not.toEqual([]);
  });

  test('holds every cell that is not held, with what was seen', () => {
    const { sweep: report } = tell({ sweep: heldSweep }, { sweep });
    expect(report?.notHeld.map(({ act, moment, verdict }) => [act, moment, verdict])).toEqual([
      ['INSERT public.notes', 'between', 'unknown'],
      ['core_write_v1(uuid)', 'commit', 'broken'],
    ]);
    expect(report).toMatchObject({ held: 14, broken: 1, unknown: 1, impossible: 8, gaps: [] });
  });

  test('holds no password', () => {
    const seen = 'FATAL: password h4rd-t0-guess';
    const leaky = { ...held, evidence: [{ says: 'it connects', held: true, seen }] };
    expect(JSON.stringify(redactAll(tell({ scenario: leaky }), ['h4rd-t0-guess']))).not.toContain('h4rd-t0-guess');
  });
});

describe('The run', () => {
  test.for([
    ['held', 'everything is', [{ scenario: held }, { sweep: heldSweep }, { schedule }]],
    ['held', 'a warning alone is broken', [{ scenario: held }, { scenario: warned }]],
    ['broken', 'a blocking scenario is', [{ scenario: held }, { scenario: broken }]],
    ['broken', 'a cell is', [{ scenario: held }, { sweep }]],
    ['broken', 'a schedule is', [{ scenario: held }, { schedule: brokenSchedule }]],
    ['unknown', 'a warning is', [{ scenario: held }, { scenario: { ...warned, verdict: 'unknown' } }]],
    ['unknown', 'a pair was left out', [{ sweep: { ...heldSweep, cells: heldSweep.cells.slice(1) } }]],
    ['unknown', 'nothing but a broken warning was tried', [{ scenario: warned }]],
    ['unknown', 'nothing was tried', []],
  ] as const)('is %s where %s', ([verdict, , told]) => {
    expect(tell(...told).verdict).toBe(verdict);
  });
});

describe('The screen', () => {
  test('has two lines for a scenario that is held, and the whole timeline of one that is not', () => {
    const text = toChaosScreen(tell({ scenario: held }, { scenario: broken }), options);
    expect(text).toMatchInlineSnapshot(`
      "
      Scenarios
      ✓ C-01 core  database lock contention                                             held    0.98 s
          no partial commit, and idempotency is consistent
          row-lock 0.12 s · 2 of 2 claims
      ✗ C-03 core  rate-limit store down                                            NOT HELD    2.10 s
          protected writes fail closed, and reads go on
          limiter-down 0.10 s · latency:upstream 0.20 s · 1 of 3 claims
          0.00 s      owner     gives a person 3 writes a minute
          0.10 s  ┌   fault     the store of limits is unavailable
          0.20 s  │┌  fault     upstream: everything comes late
          0.70 s  ││  client 1  three writes are answered, though nobody could count them: that takes more than one
                  ││              line to say
          0.80 s  ││  claim     ✗ no write passes (3 of 3 passed)
          1.50 s  ││  claim     ✓ reads go on (20 rows)
          1.90 s  └│  fault     limiter-down is healed
          1.95 s   │  claim     ? it recovers (the limiter was not asked)

      Not held: 1 of 2 scenarios held
      Fault proxy: in this process (Rowproof's own)
      Report: reports/out (chaos_report.json)"
    `);
  });

  test('has the timeline of what is held, too, where it is asked for', () => {
    expect(toChaosScreen(tell({ scenario: held }), { ...options, verbose: true })).toMatchInlineSnapshot(`
      "
      Scenarios
      ✓ C-01 core  database lock contention                                             held    0.98 s
          no partial commit, and idempotency is consistent
          row-lock 0.12 s · 2 of 2 claims
          0.00 s     client 1  sends a write
          0.12 s  ┌  fault     a row is locked
          0.48 s  │  client 1  refused: 55P03
          0.90 s  └  fault     row-lock is healed
          0.94 s     claim     ✓ nothing is half done (0 rows)
          0.94 s     claim     ✓ the same key is the same outcome (1 outcome)

      Held: 1 of 1 scenario held
      Fault proxy: in this process (Rowproof's own)
      Report: reports/out (chaos_report.json)"
    `);
  });

  test('has the matrix with counts, why places are empty, and each cell that is not held', () => {
    expect(toChaosScreen(tell({ sweep }, { sweep: heldSweep }), options)).toMatchInlineSnapshot(`
      "
      Sweep  16 cells (seed 7: every act with every fault, every fault at every moment)

        fault        connecting   start-up   query   between   commit
        noop                  2          2       2         2        2
        terminated           –¹         –¹       2      1 ?1     1 ✗1

        a number: cells that are held, ✗ not held, ? could not be judged, – cannot occur
        ¹ there is no backend yet that could be terminated

        system   acts   held   not held   unknown   cannot occur
        core        2      6          1         1              4
        memory      2      8          0         0              4

      Not held (2)
        core  INSERT public.notes × terminated × between: unknown: its backend was never seen waiting (told ECONNRESET, stored absent)
        core  core_write_v1(uuid) × terminated × commit: not held: a retry with the same key made it twice (told ECONNRESET, stored once, after a retry twice)

      One alone: npm run chaos -- supabase/core --seed 7 --only 'INSERT public.notes × terminated × between'

      No act: no call was found that works (1)
        core  core_odd_v1(text): no rightful call of it is known

      Not held: 14 of 16 cells held, 8 cannot occur
      Fault proxy: in this process (Rowproof's own)
      Report: reports/out (chaos_report.json)"
    `);
  });

  test('has the shortest schedule that is not held', () => {
    expect(toChaosScreen(tell({ schedule }, { schedule: brokenSchedule }), options)).toMatchInlineSnapshot(`
      "
      Random schedules
      ✓ core  20 schedules, 400 steps, 12 strikes of 2 faults  9.00 s
          what is stored is what one order of the answered calls comes to
      ✗ messaging  20 schedules, 400 steps, 12 strikes of 2 faults  9.00 s
          what is stored is what one order of the answered calls comes to
          1. Ada sends "hi" with key k1
          2. reset_peer:upstream strikes at commit
          3. Ada sends it again
          then 2 messages where the model has 1
          made shorter 6 times; fast-check path 12:3:0

      Not held: 1 of 2 sets of schedules held
      Fault proxy: in this process (Rowproof's own)
      Report: reports/out (chaos_report.json)"
    `);
  });

  test('says which fault proxy it was', () => {
    const image = 'toxiproxy:2';
    const container = { where: 'container', image, official: true, obstacle: null } as const;
    expect(proxyWords(container)).toBe('container of toxiproxy:2');
    expect(proxyWords({ ...container, official: false, obstacle: 'it cannot be pulled' })).toBe(
      "container of toxiproxy:2, Rowproof's own, which stands in: it cannot be pulled",
    );
  });
});

test('JUnit has a test for each act of a sweep, and one for what was left out', () => {
  const states = (one: Sweep) => sweepEntries(one).map(({ name, outcome }) => [name, outcome.state]);
  expect(states({ ...sweep, cells: sweep.cells.slice(1) })).toEqual([
    ['core: core_write_v1(uuid) is done once or not at all, whatever strikes', 'failed'],
    ['core: INSERT public.notes is done once or not at all, whatever strikes', 'failed'],
    ['core: every act meets every fault, and every fault every moment, or it cannot occur', 'failed'],
  ]);
  expect(new Set(sweepEntries(heldSweep).map(({ outcome }) => outcome.state))).toEqual(new Set(['passed']));
  const idle = { name: 'idle()', kind: 'rpc', repeats: 'once' } as const;
  expect(sweepEntries({ ...heldSweep, acts: [idle] })[0]?.outcome).toMatchObject({
    message: 'no cell of it was tried',
  });
});
