/** The database and the reference model take the same random commands, alone and in pairs, and agree after each turn. */

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { step } from './model.ts';
import { reduced } from './model-reduce.ts';
import { agree, type Step, type Tally } from './model-run.ts';
import { Disagreement } from './model-script.ts';
import { openStage, type Stage } from './model-stage.ts';
import { counted } from './model-tally.ts';
import { type Turn, turns } from './model-turns.ts';
import { walk } from './model-walk.ts';
import { coreLab } from './scene.ts';

const lab = coreLab();

describe('the reference model', () => {
  it('under random commands, alone and in pairs, replies and rows agree with the model', async () => {
    await using stage = await openStage(lab);
    const tally = counted();
    const found = await disagreement(stage, step, tally, { runs: 60, examples: [[walk]] });
    console.log(`${tally.table()}\n${tally.commands()} commands, ${tally.pairs().waited} pairs at once`);
    if (found) throw found;
    expect(tally.commands()).toBeGreaterThanOrEqual(2000);
    expect(tally.oneSided(), 'every call was answered and refused').toEqual([]);
    expect(tally.pairs().waited).toBeGreaterThan(50);
  });

  it('a model that knows one rule less is caught, and the script is short', async () => {
    await using stage = await openStage(lab);
    const found = await disagreement(stage, forgetful, counted(), { runs: 50 });
    const lines = (found?.message ?? '').split('\n');
    expect(lines.filter((line) => /^ +\d+ {2}/.test(line)).length, found?.message).toBeLessThanOrEqual(4);
    expect(lines.find((line) => line.includes('policy_updated'))).toBeDefined();
    expect(lines.at(-1)).toMatch(/core_invites, only in the database: .*"status":"revoked"/);
    expect(lines[0]).toMatch(/^ROWPROOF_SEED=\d+ npm run test:acceptance -- core\/model \(run \d+/);
  });
});

/** Forgets that a change of policy takes pending invitations back. */
const forgetful: Step = (state, command) => {
  const [reply, next] = step(state, command);
  return [reply, command.do === 'policy' ? { ...next, invites: state.invites } : next];
};

interface Extent {
  readonly runs: number;
  readonly examples?: [readonly Turn[]][];
}

/** Null, or the shortest script that was found, under the seed and path that lead to it again. */
async function disagreement(stage: Stage, by: Step, tally: Tally, { runs, examples = [] }: Extent) {
  const property = fc.asyncProperty(turns(100), (drawn) => agree(stage, drawn, by, tally));
  // Scripts are made short by ourselves: names of a script stay while lines go, so every line that can go goes.
  const found = await fc.check(property, { seed: inject('seed'), numRuns: runs, examples, endOnFailure: true });
  if (!found.failed) return null;
  if (!(found.errorInstance instanceof Disagreement)) throw found.errorInstance;
  const { message } = await reduced(stage, found.errorInstance, by, 45_000);
  const again = `ROWPROOF_SEED=${found.seed} npm run test:acceptance -- core/model (run ${found.counterexamplePath})`;
  return new Error(`${again}\n${message}`);
}
