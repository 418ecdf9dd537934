/** Random schedules of faults over random commands of messaging V2, beside its reference model. */

import { describe, expect, it } from 'vitest';
import { steps } from '../../chaos/schedule-draw.ts';
import { step } from '../acceptance/messaging/model.ts';
import { command } from '../acceptance/messaging/model-draw.ts';
import { openScene } from '../acceptance/messaging/scene.ts';
import { fileLab } from '../file-lab.ts';
import { messagingModelled } from './messaging-modelled.ts';
import { contradiction, hold, patience } from './schedule-scene.ts';

const lab = fileLab();
const drawn = steps(command, 30);

describe('schedules messaging', () => {
  it(
    'random faults over random commands leave what one order of the calls leaves, each once or not at all',
    patience(),
    async (test) => {
      await using scene = await openScene(lab);
      await hold(test, { system: 'messaging', modelled: messagingModelled(scene, step), steps: drawn, db: scene.db });
    },
  );

  it('at its base stage it contradicts the model, and the schedule is short', async () => {
    await using scene = await openScene(lab, 'base');
    const asked = { system: 'messaging', modelled: messagingModelled(scene, step), steps: drawn, db: scene.db };
    expect(await contradiction(asked)).toMatch(/^expected .*\ngot /m);
  });
});
