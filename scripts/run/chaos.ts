/** What a run under faults adds to its end: `chaos_report.json`, and the screen with timelines and matrix. */

import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { type ChaosFile, chaosFile } from '../../reports/chaos.ts';
import { toChaosScreen } from '../../reports/chaos-screen.ts';
import { redactAll, secretsOf } from '../../reports/secrets.ts';
import { painter } from '../../reports/terminal.ts';
import { writeChaos } from '../../reports/write.ts';
import type { Command } from './command.ts';
import type { TestsRun } from './tests.ts';

export interface ChaosRunOptions {
  readonly command: Command;
  readonly run: TestsRun;
  readonly folder: string;
  readonly started: Date;
  readonly root: string;
  readonly env: NodeJS.ProcessEnv;
}

/** Nothing where no test told anything. @throws CannotRun when the report cannot be written */
export async function reportChaos({ command, run, folder, started, root, env }: ChaosRunOptions): Promise<void> {
  if (run.chaos.length === 0) return;
  const { version }: { version: string } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
  const { access, server } = run;
  const file = chaosFile(run.chaos, {
    version,
    server: { version: access.version, kind: access.kind },
    seed: command.seed,
    full: command.full,
    run: {
      id: access.run,
      started: started.toISOString(),
      milliseconds: Math.round(performance.now()),
      server,
      replay: command.replay,
    },
  });
  const again = (system: string) => `npm run chaos -- supabase/${system} --seed ${command.seed}`;
  console.log(await writtenChaos(file, { access, folder, env, verbose: command.verbose, again }));
}

interface Written {
  readonly access: ServerAccess;
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  readonly verbose: boolean;
  readonly again: (system: string) => string;
}

/** Writes the report without a secret. @returns the screen */
export async function writtenChaos(file: ChaosFile, { access, folder, env, verbose, again }: Written): Promise<string> {
  const clean = redactAll(file, secretsOf(env, access));
  await writeChaos(folder, clean);
  const near = relative(process.cwd(), folder);
  return toChaosScreen(clean, {
    paint: painter(process.stdout),
    ...{ verbose, again },
    out: near.startsWith('..') ? folder : near || '.',
  });
}
