/** What runs a scenario: its verdict follows its claims, and whatever it struck is healed when it ends. */

import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { down } from '../../chaos/faults/down.ts';
import { openSwitchboard, type Switchboard } from '../../chaos/line.ts';
import { type Removed, runScenario, type Scenario, type ScenarioStage } from '../../chaos/scenario.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { fileLab } from '../file-lab.ts';

const access = inject('server');
const lab = fileLab();
let switchboard: Switchboard;

beforeAll(async () => {
  switchboard = await openSwitchboard({ access });
});
afterAll(() => switchboard[Symbol.asyncDispose]());

async function outcomeOf(run: (stage: ScenarioStage) => Promise<void>, without?: Removed) {
  const db = await lab.clone({ project: 'supabase/memory', platform: 'supabase' });
  const line = await switchboard.line(access, db.name);
  onTestFinished(() => line[Symbol.asyncDispose]());
  const about = { id: 'C-01', title: 'a test', system: 'memory', kind: 'blocking', mustHold: 'it ends' } as const;
  const scenario: Scenario = { ...about, protections: [], run };
  const result = await runScenario(scenario, {
    db,
    access,
    line,
    open: async () => line,
    seed: 1,
    ...(without && { without }),
  });
  const isReachable = async () => {
    const session = await openSession(line.access, { database: db.name, as: 'login' });
    await session.close();
    return true;
  };
  return { result, isReachable };
}

describe('a scenario', () => {
  test('is held where every claim is, and tells its timeline in order', async () => {
    const { result } = await outcomeOf(async ({ claim, tell }) => {
      tell('client', 'asks');
      claim('one is one', true, '1');
    });
    expect(result.verdict).toBe('held');
    expect(result.timeline.map(({ who }) => who)).toEqual(['client', 'claim']);
  });

  test('is broken by one claim that is not held, whatever could not be judged', async () => {
    const { result } = await outcomeOf(async ({ claim }) => {
      claim('one is one', true, '1');
      claim('one is two', false, '1');
      claim('somebody waits', null, 'nobody');
    });
    expect(result.verdict).toBe('broken');
  });

  test.each([
    ['claims nothing', async () => undefined],
    ['throws', async ({ claim }: ScenarioStage) => Promise.reject(claim('one is one', true, '1') ?? new Error('gone'))],
  ])('is unknown where it %s', async (_, run) => {
    expect((await outcomeOf(run)).result.verdict).toBe('unknown');
  });

  test('leaves nothing broken, even where it throws', async () => {
    const { result, isReachable } = await outcomeOf(async ({ strike, line }) => {
      await strike(down, line);
      await expect(openSession(line.access, { database: 'any', as: 'login' })).rejects.toThrow();
      throw new Error('gone');
    });
    expect(await isReachable()).toBe(true);
    expect(result.schedule).toEqual([{ fault: 'down', from: expect.any(Number), to: expect.any(Number) }]);
  });

  test('goes without a protection where it is told to, and knows which', async () => {
    const without = { id: 'nothing', sql: ['CREATE TABLE public.gone ()'] };
    const { result } = await outcomeOf(async ({ db, without: removed, claim }) => {
      const { rows } = await db.owner.query("SELECT to_regclass('public.gone')::text AS gone");
      claim('it is applied before anything happens', rows[0]?.['gone'] === 'gone', String(removed?.id));
    }, without);
    expect(result.evidence).toEqual([{ says: 'it is applied before anything happens', held: true, seen: 'nothing' }]);
  });

  test('undoes what was armed after what was struck', async () => {
    const order: string[] = [];
    const undoing = (what: string) => async () => async () => void order.push(what);
    const fault = { id: 'test', says: 'a test', arm: undoing('armed'), apply: undoing('struck') };
    await outcomeOf(async ({ arm, strike, claim }) => {
      await arm(fault, null);
      await strike(fault, null);
      claim('one is one', true, '1');
    });
    expect(order).toEqual(['struck', 'armed']);
  });
});
