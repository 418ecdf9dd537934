/** Each scenario is broken as soon as one of its protections is removed. */

import { describe, expect, inject, test } from 'vitest';
import { performScenario } from '../../chaos/perform.ts';
import { openRemover } from '../../chaos/removal.ts';
import { scenarios } from '../../chaos/scenarios/index.ts';
import { fileLab } from '../file-lab.ts';
import { fileSwitchboard } from './switchboard.ts';

const lab = fileLab();
const switchboard = fileSwitchboard();
const remover = openRemover(lab);
const seed = inject('seed');

for (const scenario of scenarios)
  describe(`${scenario.id} ${scenario.system} is broken without`, () => {
    test.each(scenario.protections)('$id', async (protection) => {
      const without = await remover(scenario, protection);
      const result = await performScenario(scenario, { lab, switchboard: await switchboard(), seed, without });
      expect(result.verdict, JSON.stringify(result.evidence, null, 1)).toBe('broken');
    });
  });

test('each scenario names what it is held by', () => {
  expect(scenarios.filter(({ protections }) => protections.length === 0)).toEqual([]);
});
