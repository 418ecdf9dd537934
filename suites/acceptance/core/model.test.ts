/** The database and the reference model take the same random commands, alone and in pairs, and agree after each turn. */

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { fileLab } from '../../file-lab.ts';
import { step } from './model.ts';
import { reduced } from './model-reduce.ts';
import { agree, type Step, type Tally } from './model-run.ts';
import { Disagreement } from './model-script.ts';
import { openStage, type Stage } from './model-stage.ts';
import { scopeOf } from './model-state.ts';
import { counted } from './model-tally.ts';
import { type Turn, turns } from './model-turns.ts';
import { walk } from './model-walk.ts';

const lab = fileLab();

describe('the reference model', () => {
  it('under random commands, alone and in pairs, replies and rows agree with the model', async () => {
    await using stage = await openStage(lab);
    const tally = counted();
    const found = await disagreement(stage, step, tally, { runs: 50, most: 100, examples: [[walk]] });
    console.log(`${tally.table()}\n${tally.commands()} commands, ${tally.pairs().waited} pairs at once`);
    if (found) throw found;
    expect(tally.commands()).toBeGreaterThanOrEqual(2000);
    expect(tally.oneSided(), 'every call was answered and refused').toEqual([]);
    expect(tally.pairs().waited).toBeGreaterThan(50);
  });

  it('a model that knows one rule less is caught, and the script is short', async () => {
    await using stage = await openStage(lab);
    const found = await disagreement(stage, forgetful, counted(), { runs: 1, most: 1, examples: [[walk]] });
    const [again, ...lines] = (found?.message ?? '').split('\n');
    expect(again).toBe(`ROWPROOF_SEED=${inject('seed')} npm run test:acceptance -- core/model (run 0)`);
    expect(lines).toEqual([
      '  1  ann      createScope type=group policy={} key=k1  →  scope_created',
      '  2  ann      invite scope=s1 user=cat key=k4  →  invite_issued',
      '  3  cat      accept invite=i4 key=k5  →  invite_accepted',
      expect.stringMatching(/^ {2}4 {2}ann {6}member scope=s1 user=cat action=remove .* → {2}removed$/),
      expect.stringMatching(/^ {7}core_projections, only in the model: .*"user_id":"cat"/),
    ]);
  });
});

/** Forgets that who is removed loses their entry in the dialog list. */
const forgetful: Step = (state, command) => {
  const [reply, next] = step(state, command);
  if (command.do !== 'member' || command.action !== 'remove') return [reply, next];
  const before = (name: string) => scopeOf(state, name)?.projections ?? {};
  return [reply, { ...next, scopes: next.scopes.map((one) => ({ ...one, projections: before(one.name) })) }];
};

interface Extent {
  readonly runs: number;
  /** Turns of a run. */
  readonly most: number;
  readonly examples?: [readonly Turn[]][];
}

/** Null, or the shortest script that was found, under the seed and path that lead to it again. */
async function disagreement(stage: Stage, by: Step, tally: Tally, { runs, most, examples = [] }: Extent) {
  const property = fc.asyncProperty(turns(most), (drawn) => agree(stage, drawn, by, tally));
  // Scripts are made short by ourselves: names of a script stay while lines go, so every line that can go goes.
  const found = await fc.check(property, { seed: inject('seed'), numRuns: runs, examples, endOnFailure: true });
  if (!found.failed) return null;
  if (!(found.errorInstance instanceof Disagreement)) throw found.errorInstance;
  const { message } = await reduced(stage, found.errorInstance, by, 45_000);
  const again = `ROWPROOF_SEED=${found.seed} npm run test:acceptance -- core/model (run ${found.counterexamplePath})`;
  return new Error(`${again}\n${message}`);
}
