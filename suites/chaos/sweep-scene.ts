/** The sweep of one reference system as a test: a file for each, so that they run side by side. */

import { join } from 'node:path';
import { inject, onTestFinished, test } from 'vitest';
import type { ArrangedAct } from '../../chaos/acts.ts';
import { openOwnGround } from '../../chaos/own-ground.ts';
import { sweepProject } from '../../chaos/project.ts';
import { fileLab } from '../file-lab.ts';
import { fileSwitchboard } from './switchboard.ts';
import { tellSweep } from './told.ts';

/** Milliseconds for one system, after which it hangs: many times what it takes on a machine with nothing else to do. */
const LONGEST = { sample: 20 * 60_000, full: 45 * 60_000 } as const;

/**
 * Registers the test: a sample of the cells, or all of them where the run is asked for that.
 * @param system name of its folder
 * @param arranged acts with a state of their own
 */
export function sweepTest(system: string, arranged: readonly ArrangedAct[] = []): void {
  const [lab, switchboard] = [fileLab(), fileSwitchboard()];
  const [seed, full] = [inject('seed'), inject('full')];
  const timeout = LONGEST[full ? 'full' : 'sample'];
  test(`${system}: every act is done once or not at all, whatever strikes`, { timeout }, async ({ task, signal }) => {
    const stack = new AsyncDisposableStack();
    onTestFinished(() => stack.disposeAsync());
    const ground = { lab, switchboard: await switchboard() };
    const swept = await sweepProject({
      spec: { project: join('supabase', system), populated: { seed } },
      ground,
      own: () => openOwnGround(stack, { env: process.env, kind: lab.access.kind, signal }),
      ...{ full, arranged, signal },
    });
    tellSweep(task, ground.switchboard.proxy, swept);
  });
}
