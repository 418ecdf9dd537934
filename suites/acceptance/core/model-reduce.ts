/** A failing script made short: whatever can be left out is left out, and what need not happen at once does not. */

import { follow, type Step } from './model-run.ts';
import { Disagreement, type Taken } from './model-script.ts';
import type { Stage } from './model-stage.ts';

/**
 * Follows shorter and shorter scripts as long as they end in a disagreement.
 * @param patience milliseconds; after them the shortest so far must do.
 */
export async function reduced(stage: Stage, found: Disagreement, step: Step, patience: number): Promise<Disagreement> {
  const deadline = performance.now() + patience;
  let shortest = found;
  for (let size = Math.ceil(found.taken.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = shortest.taken.length - size; from > -size; from -= size) {
      if (performance.now() > deadline) return shortest;
      shortest = (await tried(stage, without(shortest.taken, from, size), step)) ?? shortest;
    }
  }
  for (const [at, taken] of shortest.taken.entries()) {
    if (taken.length === 1) continue;
    const [one, two] = taken;
    for (const order of [[[one]], [[two]], [[one], [two]]] as const)
      shortest = (await tried(stage, shortest.taken.toSpliced(at, 1, ...order), step)) ?? shortest;
  }
  return shortest;
}

function without(script: readonly Taken[], from: number, size: number): readonly Taken[] {
  return script.toSpliced(Math.max(0, from), size + Math.min(0, from));
}

async function tried(stage: Stage, script: readonly Taken[], step: Step): Promise<Disagreement | null> {
  try {
    await follow(stage, script, step);
    return null;
  } catch (error) {
    if (error instanceof Disagreement) return error;
    throw error;
  }
}
