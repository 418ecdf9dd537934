/** Small results of chaos that the tests of its reports share. */

import type { CellResult, FaultProxy, Impossible, ScenarioResult, ScheduleResult, Sweep } from '../../chaos/model.ts';
import { moments } from '../../chaos/model.ts';

export const proxy: FaultProxy = { where: 'process', image: null, official: false, obstacle: null };

export const held: ScenarioResult = {
  id: 'C-01',
  title: 'database lock contention',
  system: 'core',
  kind: 'blocking',
  verdict: 'held',
  mustHold: 'no partial commit, and idempotency is consistent',
  schedule: [{ fault: 'row-lock', from: 120, to: 900 }],
  evidence: [
    { says: 'nothing is half done', held: true, seen: '0 rows' },
    { says: 'the same key is the same outcome', held: true, seen: '1 outcome' },
  ],
  timeline: [
    { at: 0, who: 'client 1', what: 'sends a write' },
    { at: 120, who: 'fault', what: 'a row is locked', begins: 0 },
    { at: 480, who: 'client 1', what: 'refused: 55P03' },
    { at: 900, who: 'fault', what: 'row-lock is healed', ends: 0 },
    { at: 940, who: 'claim', what: 'nothing is half done (0 rows)', held: true },
    { at: 941, who: 'claim', what: 'the same key is the same outcome (1 outcome)', held: true },
  ],
  seed: 7,
  milliseconds: 980,
};

export const broken: ScenarioResult = {
  ...held,
  id: 'C-03',
  title: 'rate-limit store down',
  verdict: 'broken',
  mustHold: 'protected writes fail closed, and reads go on',
  schedule: [
    { fault: 'limiter-down', from: 100, to: 1900 },
    { fault: 'latency:upstream', from: 200, to: null },
  ],
  evidence: [
    { says: 'no write passes', held: false, seen: '3 of 3 passed' },
    { says: 'reads go on', held: true, seen: '20 rows' },
    { says: 'it recovers', held: null, seen: 'the limiter was not asked' },
  ],
  timeline: [
    { at: 0, who: 'owner', what: 'gives a person 3 writes a minute' },
    { at: 100, who: 'fault', what: 'the store of limits is unavailable', begins: 0 },
    { at: 200, who: 'fault', what: 'upstream: everything comes late', begins: 1 },
    {
      at: 700,
      who: 'client 1',
      what: 'three writes are answered, though nobody could count them: that takes more than one line to say',
    },
    { at: 800, who: 'claim', what: 'no write passes (3 of 3 passed)', held: false },
    { at: 1500, who: 'claim', what: 'reads go on (20 rows)', held: true },
    { at: 1900, who: 'fault', what: 'limiter-down is healed', ends: 0 },
    { at: 1950, who: 'claim', what: 'it recovers (the limiter was not asked)', held: null },
  ],
  milliseconds: 2100,
};

export const warned: ScenarioResult = { ...broken, id: 'C-04', title: 'replication lag', kind: 'warning' };

const cell = (
  act: string,
  fault: string,
  moment: CellResult['moment'],
  more: Partial<CellResult> = {},
): CellResult => ({
  ...{ act, system: 'core', fault, moment, verdict: 'held', told: { state: 'answered' }, stored: 'once' },
  ...{ retried: null, reasons: [], milliseconds: 200 },
  ...more,
});

const never = (act: string, fault: string, moment: CellResult['moment'], because: string): Impossible => ({
  ...{ act, system: 'core', fault, moment, because },
});

const NOBODY = 'there is no backend yet that could be terminated';

export const sweep: Sweep = {
  system: 'core',
  seed: 7,
  full: false,
  acts: [
    { name: 'core_write_v1(uuid)', kind: 'rpc', repeats: 'once' },
    { name: 'INSERT public.notes', kind: 'write', repeats: 'again' },
  ],
  actless: [{ name: 'core_odd_v1(text)', system: 'core', kind: 'rpc', because: 'no rightful call of it is known' }],
  faults: [
    { id: 'noop', says: 'nothing is broken' },
    { id: 'terminated', says: 'the backend is terminated' },
  ],
  moments,
  cells: [
    cell('core_write_v1(uuid)', 'noop', 'connecting'),
    cell('core_write_v1(uuid)', 'noop', 'query'),
    cell('core_write_v1(uuid)', 'noop', 'commit'),
    cell('INSERT public.notes', 'noop', 'start-up'),
    cell('INSERT public.notes', 'noop', 'between'),
    cell('core_write_v1(uuid)', 'terminated', 'query', {
      told: { state: 'refused', sqlstate: '57P01' },
      stored: 'absent',
    }),
    cell('INSERT public.notes', 'terminated', 'between', {
      ...{ verdict: 'unknown', told: { state: 'lost', code: 'ECONNRESET' }, stored: 'absent' },
      reasons: ['its backend was never seen waiting'],
    }),
    cell('core_write_v1(uuid)', 'terminated', 'commit', {
      ...{ verdict: 'broken', told: { state: 'lost', code: 'ECONNRESET' }, stored: 'once', retried: 'twice' },
      reasons: ['a retry with the same key made it twice'],
    }),
  ],
  impossible: ['core_write_v1(uuid)', 'INSERT public.notes'].flatMap((act) => [
    never(act, 'terminated', 'connecting', NOBODY),
    never(act, 'terminated', 'start-up', NOBODY),
  ]),
  milliseconds: 4200,
};

export const heldSweep: Sweep = {
  ...sweep,
  system: 'memory',
  actless: [],
  cells: sweep.cells.map((one) => ({ ...one, system: 'memory', verdict: 'held', reasons: [] })),
};

export const schedule: ScheduleResult = {
  system: 'core',
  mustHold: 'what is stored is what one order of the answered calls comes to',
  seed: 7,
  runs: 20,
  steps: 400,
  struck: { noop: 3, 'latency:upstream': 9 },
  verdict: 'held',
  counterexample: null,
  milliseconds: 9000,
};

export const brokenSchedule: ScheduleResult = {
  ...schedule,
  system: 'messaging',
  verdict: 'broken',
  counterexample: {
    steps: ['Ada sends "hi" with key k1', 'reset_peer:upstream strikes at commit', 'Ada sends it again'],
    seen: '2 messages where the model has 1',
    shrunk: 6,
    path: '12:3:0',
  },
};
