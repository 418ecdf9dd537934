/** Any two or three calls at once come to what one after the other would, and none hold each other up for ever. */

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import type { Probe } from '../../../fixtures/model/probe.ts';
import { faultsOf } from './faults.ts';
import { beginning, deadlocks, raced } from './races.ts';
import { rowsOf, type Scene, scenes } from './scene.ts';
import { asInSomeOrder } from './serial.ts';
import { commandsOf, stageOf } from './stage.ts';

const openScene = scenes();
const names = Object.keys(commandsOf({ group: '', channel: '', still: '', invite: '', policy: {} }));

describe('calls at once', () => {
  const few = fc.uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 3 });
  const drafts = drawn(fc.uniqueArray(few, { selector: String, minLength: 16, maxLength: 16 }));
  it.each(drafts.map((chosen) => [chosen.join(', '), chosen] as const))(
    '"%s" at once come to what some order of them does',
    async (_, chosen) => {
      await using scene = await openScene();
      const commands = commandsOf(await stageOf(scene));
      const probes = chosen.map((name) => commands[name] as Probe);
      const replies = await asInSomeOrder(scene, probes, () => raced(scene, beginning, probes));
      expect(
        replies.some(({ ok }) => ok),
        JSON.stringify(replies),
      ).toBe(true);
      await sound(scene);
    },
  );

  it('all of them come to a state without faults', async () => {
    await using scene = await openScene();
    const commands = Object.values(commandsOf(await stageOf(scene)));
    const replies = await raced(scene, beginning, commands);
    expect(replies.filter(({ sqlstate }) => sqlstate !== undefined)).toEqual([]);
    await sound(scene);
  });

  it.each(drawn(fc.shuffledSubarray(names, { minLength: 10, maxLength: 10 })))(
    '16 times "%s" at once is done once and answered 16 times',
    async (name) => {
      await using scene = await openScene();
      const probe = commandsOf(await stageOf(scene))[name] as Probe;
      const before = await rowsOf(scene, 'core_outcomes');
      const replies = await asInSomeOrder(scene, [probe], async () => {
        const all = await raced(scene, beginning, Array<Probe>(16).fill(probe));
        expect(all).toEqual(Array(16).fill(all[0]));
        return all.slice(0, 1);
      });
      expect(replies).toMatchObject([{ ok: true }]);
      expect(await rowsOf(scene, 'core_outcomes')).toHaveLength(before.length + 1);
      await sound(scene);
    },
  );
});

/** What this run's seed chooses. */
function drawn<T>(arbitrary: fc.Arbitrary<readonly T[]>): readonly T[] {
  return fc.sample(arbitrary, { seed: inject('seed'), numRuns: 1 })[0] ?? [];
}

async function sound(scene: Scene): Promise<void> {
  expect(await faultsOf(scene)).toEqual([]);
  expect(await deadlocks(scene)).toBe(0);
}
