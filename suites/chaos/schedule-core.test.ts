/** Random schedules of faults over random commands of the platform core, beside its reference model. */

import { describe, expect, it } from 'vitest';
import { steps } from '../../chaos/schedule-draw.ts';
import { step } from '../acceptance/core/model.ts';
import type { Step } from '../acceptance/core/model-run.ts';
import { openStage, type Stage } from '../acceptance/core/model-stage.ts';
import { fileLab } from '../file-lab.ts';
import { coreCommands, coreModelled } from './core-modelled.ts';
import { contradiction, hold, patience } from './schedule-scene.ts';

const lab = fileLab();
const drawn = steps(coreCommands, 24);

function by(stage: Stage, rules: Step) {
  return { system: 'core', modelled: coreModelled(stage, rules), steps: drawn, db: stage.scene.db };
}

describe('schedules core', () => {
  it(
    'random faults over random commands leave what one order of the calls leaves, each once or not at all',
    patience(),
    async (test) => {
      await using stage = await openStage(lab);
      await hold(test, by(stage, step));
    },
  );

  it('without the look-up of earlier outcomes a retry is told something else, and the schedule is short', async () => {
    await using stage = await openStage(lab);
    await stage.scene.owner.script(
      "CREATE OR REPLACE FUNCTION core.earlier_reply(p_command core.command) RETURNS jsonb LANGUAGE sql AS 'SELECT NULL::jsonb'",
    );
    // The same key in two calls: who asks again does so with the key of the first time.
    expect(await contradiction(by(stage, step))).toMatch(/(key=k\d+) .*\1 .*\ngot /s);
  });

  it('a model that knows one rule less is caught, and the schedule is short', async () => {
    await using stage = await openStage(lab);
    const few = steps(
      coreCommands.filter((drawn) => drawn.do === 'ack' || drawn.do === 'append'),
      12,
    );
    expect(await contradiction({ ...by(stage, forgetful), steps: few })).toMatch(
      /^(expected .*\ngot |core_members, only in the model: .*"last_read_seq":0)/m,
    );
  });
});

/** Forgets what members say they have read. */
const forgetful: Step = (state, command) => {
  const [reply, next] = step(state, command);
  return [reply, command.do === 'ack' ? { ...next, scopes: state.scopes } : next];
};
