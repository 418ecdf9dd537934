/** The sweep of the reference systems: every call and every guarded write under every fault; a sample of the cells, or all of them. */

import { join } from 'node:path';
import { inject, onTestFinished, test } from 'vitest';
import { openOwnGround } from '../../chaos/own-ground.ts';
import { sweepProject } from '../../chaos/project.ts';
import { fileLab } from '../file-lab.ts';
import { coreActs } from './core-arranged.ts';
import { fileSwitchboard } from './switchboard.ts';
import { tellSweep } from './told.ts';

const lab = fileLab();
const switchboard = fileSwitchboard();
const seed = inject('seed');
const full = inject('full');

/** Milliseconds; the sample of one system takes a minute or two. */
const LONGEST = full ? 45 * 60_000 : 8 * 60_000;

for (const system of ['core', 'memory', 'messaging', 'posts'])
  test(`${system}: every act is done once or not at all, whatever strikes`, { timeout: LONGEST }, async ({
    task,
    signal,
  }) => {
    const stack = new AsyncDisposableStack();
    onTestFinished(() => stack.disposeAsync());
    const ground = { lab, switchboard: await switchboard() };
    const swept = await sweepProject({
      spec: { project: join('supabase', system), populated: { seed } },
      ground,
      own: () => openOwnGround(stack, { env: process.env, kind: lab.access.kind, signal }),
      ...{ full, signal, arranged: system === 'core' ? coreActs : [] },
    });
    tellSweep(task, ground.switchboard.proxy, swept);
  });
