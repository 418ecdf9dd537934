/** Which T-tests of a reference system fail on which mutants. */

import { CannotRun } from '../../fixtures/model/errors.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { type Lane, type LaneOptions, openLane } from './lane.ts';
import type { Question } from './questions.ts';

export interface JudgeOptions extends LaneOptions {
  /** Absolute path of the project folder. */
  readonly project: string;
  /** Vitests side by side; never changes results. */
  readonly lanes: number;
  /** T-ids that failed, by the mutant's key: from an interrupted run, taken as they are. */
  readonly known?: ReadonlyMap<string, readonly string[]>;
  readonly onResult?: (key: string, failed: readonly string[]) => void;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * @returns the T-ids that failed, by the mutant's key, for each question
 * @throws CannotRun when a test fails on the project as it is, or the harness fails: that is never a mutant's death.
 */
export async function judgeByTests(
  access: ServerAccess,
  questions: readonly Question[],
  { project, lanes, known, onResult, onProgress, ...options }: JudgeOptions,
): Promise<ReadonlyMap<string, readonly string[]>> {
  const failed = new Map(known);
  const open = questions.filter(({ mutant }) => !failed.has(mutant.key));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  await using opened = new AsyncDisposableStack();
  const all = await Promise.all(
    Array.from({ length: Math.min(lanes, open.length) }, () => openLane(access, { ...options, signal })),
  );
  for (const lane of all) opened.use(lane);
  await refuseRed(all, project, open);
  const waiting = Map.groupBy(questions, ({ mutant: { surface } }) => surface).values();
  // One lane asks all of a surface, in order: who failed there before is likely to fail again, and so the same in each run.
  const work = async (lane: Lane) => {
    for (const group of waiting) {
      let first: readonly string[] = [];
      for (const question of group) {
        const { key } = question.mutant;
        const known = failed.get(key);
        const red = known ?? (await ask(lane, project, question, first));
        first = [...new Set([...red, ...first])];
        if (known) continue;
        failed.set(key, red);
        onResult?.(key, red);
        onProgress?.(failed.size, questions.length);
      }
    }
  };
  await Promise.all(all.map((lane) => work(lane).catch((error) => stop.abort(error))));
  stop.signal.throwIfAborted();
  return new Map(questions.map(({ mutant: { key } }) => [key, failed.get(key) ?? []]));
}

/** The same lanes, the same tests, a mutant that changes nothing: a test that fails here can judge no mutant. */
async function refuseRed(lanes: readonly Lane[], project: string, questions: readonly Question[]): Promise<void> {
  const ids = [...new Set(questions.flatMap(({ all, others }) => [...all, ...others]))].sort();
  const shares = lanes.map((lane, at) => ({ lane, share: ids.filter((_, nth) => nth % lanes.length === at) }));
  const unmutated = { project, sql: [] };
  const red = await Promise.all(
    shares.map(async ({ lane, share }, at) => [
      ...(await lane.run(unmutated, { ids: share, others: false }, 'all')),
      ...(at === 0 && questions.some(({ anyone }) => anyone)
        ? await lane.run(unmutated, { ids: [], others: true }, 'all')
        : []),
    ]),
  );
  const [first] = red.flat();
  if (first === undefined) return;
  throw new CannotRun(
    `${first} fails on the project as it is, so its failing on a mutant would mean nothing.`,
    `Mend it first: \`npm run test:acceptance -- -t ${first}\`.`,
  );
}

async function ask(
  lane: Lane,
  project: string,
  { mutant, all, others, anyone }: Question,
  first: readonly string[],
): Promise<readonly string[]> {
  const mutated = { project, sql: mutant.sql };
  const named = all.length === 0 ? [] : await lane.run(mutated, { ids: all, others: false }, 'all');
  if (named.length > 0 || !anyone) return named;
  return await lane.run(mutated, { ids: others, others: true, first }, 'first failure');
}
