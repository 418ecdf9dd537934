/** `npm run access -- <folder> [--write]`: the flows of a project against its access.yaml, or into it. */

import './require-node24.js';
import { writeFile } from 'node:fs/promises';
import { styleText } from 'node:util';
import { type Access, type AccessOptions, observeAccess } from '../fixtures/engine/access.ts';
import { openLab } from '../fixtures/lab/lab.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import { bootServer } from '../fixtures/servers/boot.ts';
import { complain } from './check/complain.ts';
import { fromHere } from './check/places.ts';
import { oneOf, readWords } from './check/words.ts';
import { asksForHelp } from './run/help.ts';
import { interruption } from './run/interruption.ts';
import { lookAtProject } from './run/project.ts';
import { parseSeed } from './run/seed.ts';

const HELP = `npm run access -- <folder>            which flows opened (+) and closed (-) since access.yaml was written
npm run access -- <folder> --write    brings the flows in access.yaml up to date, or proposes the file
rowproof access <folder>              the same, from any directory

  --platform <kind>      supabase or plain; otherwise the project's files tell
  --default-grants <how> exposed or revoked: what the API's roles get on each new table of a hosted project
  --seed <number>        other data; the flows are the same

Exit code: 0 nothing differs, or it was written; 1 something differs; 2 could not run.`;

const OPTIONS = {
  write: { type: 'boolean' },
  platform: { type: 'string' },
  'default-grants': { type: 'string' },
  seed: { type: 'string' },
} as const;

process.exit(await main(process.argv.slice(2), process.env));

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const { write, options } = readCommand(argv, env);
    console.error(await lookAtProject(options.project, options));
    await using server = await bootServer({ env, say: console.error, signal: interrupted.signal });
    await using lab = openLab(server.access);
    const access = await observeAccess(lab, options);
    for (const sentence of access.failedMigrations) console.error(`passed over: ${sentence}`);
    return write ? await written(access) : compared(access);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

function readCommand(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
): { readonly write: boolean; readonly options: AccessOptions } {
  const { text, on, words } = readWords('access', argv, OPTIONS, env);
  const [folder, ...more] = words;
  if (folder === undefined || more.length > 0)
    throw new CannotRun('`access` takes one folder.', 'Give the one that holds your migrations.');
  const platform = oneOf('platform', text.get('platform'), ['supabase', 'plain']);
  const defaultGrants = oneOf('default-grants', text.get('default-grants'), ['exposed', 'revoked']);
  const seed = text.get('seed') ?? (env['ROWPROOF_SEED'] || undefined);
  return {
    write: on.has('write'),
    options: {
      project: fromHere(env, folder),
      seed: seed === undefined ? 1 : parseSeed(seed, text.has('seed') ? '--seed' : 'ROWPROOF_SEED'),
      ...(platform === undefined ? {} : { platform }),
      ...(defaultGrants === undefined ? {} : { defaultGrants }),
    },
  };
}

async function written({ path, proposal, changes }: Access): Promise<number> {
  await writeFile(path, proposal);
  show(changes);
  const questions = proposal.split('# question').length - 1;
  const asked = questions === 0 ? '' : ` ${questions} flows are marked as questions: read them first.`;
  console.log(`Wrote ${path}.${asked}`);
  return 0;
}

function compared({ path, changes }: Access): number {
  show(changes);
  if (changes.length === 0) console.log(`Every flow is as ${path} says.`);
  else console.log(`\nApprove with \`--write\`, or change the project.`);
  return changes.length === 0 ? 0 : 1;
}

function show(changes: Access['changes']): void {
  for (const line of changes.flatMap(({ lines }) => lines)) {
    console.log(styleText(line.startsWith('+') ? 'green' : 'red', line, { stream: process.stdout }));
  }
}
