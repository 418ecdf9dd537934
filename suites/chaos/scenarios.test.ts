/** The nine scenarios, each on the systems where it has a meaning. */

import { inject, test } from 'vitest';
import { performScenario } from '../../chaos/perform.ts';
import { scenarios } from '../../chaos/scenarios/index.ts';
import { fileLab } from '../file-lab.ts';
import { fileSwitchboard } from './switchboard.ts';
import { tellScenario } from './told.ts';

const lab = fileLab();
const switchboard = fileSwitchboard();
const seed = inject('seed');

for (const scenario of scenarios)
  test(`${scenario.id} ${scenario.system}: ${scenario.title}`, async ({ task }) => {
    const ground = { lab, switchboard: await switchboard(), seed };
    tellScenario(task, ground.switchboard.proxy, await performScenario(scenario, ground));
  });
