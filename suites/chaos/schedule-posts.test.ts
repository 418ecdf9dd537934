/** Random schedules of faults over random commands of sharing posts, beside its reference model. */

import { describe, expect, it } from 'vitest';
import { steps } from '../../chaos/schedule-draw.ts';
import { type Command, keyOf, type State, type Step, step } from '../acceptance/posts/model.ts';
import { openScene, type Scene } from '../acceptance/posts/scene.ts';
import { fileLab } from '../file-lab.ts';
import { type Call, postsCommands, postsModelled, type World } from './posts-modelled.ts';
import { contradiction, hold, patience } from './schedule-scene.ts';

const lab = fileLab();

function by(scene: Scene, rules: (state: State, command: Command) => Step) {
  const drawn = steps(postsCommands, 30);
  return { system: 'posts', modelled: postsModelled(scene, rules), steps: drawn, db: scene.db };
}

describe('schedules posts', () => {
  it(
    'random faults over random commands leave what one order of the calls leaves, each once or not at all',
    patience(),
    async (test) => {
      await using scene = await openScene(lab);
      await hold(test, by(scene, step));
    },
  );

  it('without the unique key a retry makes a second row, and the schedule is short', async () => {
    await using scene = await openScene(lab);
    await scene.owner.script('ALTER TABLE public.post_collectives DROP CONSTRAINT post_collectives_once');
    const said = await contradiction({ ...by(scene, step), ...insertsOnce(scene) });
    expect(said).toMatch(/(insert [^→]*)→.*\1→/s);
    expect(said).toMatch(/associations, only in the database: |expected 23505\ngot {6}1/);
  });

  it('a model that knows one rule less is caught, and the schedule is short', async () => {
    await using scene = await openScene(lab);
    expect(await contradiction(by(scene, forgetful))).toMatch(/^associations, only in the database: /m);
  });
});

/** Forgets that what is shared where approval is asked for waits for it. */
function forgetful(state: State, command: Command): Step {
  const [outcome, next, entries] = step(state, command);
  const associations = next.associations.map((one) =>
    one.status === 'pending_approval' ? { ...one, status: 'published' as const } : one,
  );
  return [outcome, { ...next, associations }, entries];
}

/** Each pair is shared by one call alone: twice only by who asks again. */
function insertsOnce(scene: Scene) {
  const modelled = postsModelled(scene, step);
  const pairs = new Set<string>();
  return {
    steps: steps(
      postsCommands.filter((drawn) => drawn.do === 'insert' && drawn.by === drawn.as),
      16,
    ),
    modelled: {
      ...modelled,
      begin: () => {
        pairs.clear();
        return modelled.begin();
      },
      meant: (world: World, drawn: Call, turn: number) => {
        const isNew = drawn.do === 'insert' && !pairs.has(keyOf(drawn));
        if (drawn.do === 'insert') pairs.add(keyOf(drawn));
        return isNew ? modelled.meant(world, drawn, turn) : null;
      },
    },
  };
}
