/** From a finding's key to what its witness shows today. */

import { join } from 'node:path';
import { type Replay, replayWitness } from '../../fixtures/engine/replay.ts';
import { openDoorOf } from '../../fixtures/engine/scene-door.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { bootServer } from '../../fixtures/servers/boot.ts';
import type { FindingEntry, FindingsFile } from '../../reports/findings.ts';
import { transcript } from '../../reports/transcript.ts';
import { complain } from '../check/complain.ts';
import { fromHere, reportsFolder } from '../check/places.ts';
import { readWords } from '../check/words.ts';
import { asksForHelp } from '../run/help.ts';
import { type Interruption, interruption } from '../run/interruption.ts';
import { lookAtProject } from '../run/project.ts';
import { readFindings } from './findings-file.ts';
import { keysLike } from './keys.ts';

const HELP = `npm run replay -- <key>         run a finding's witness on a fresh database of its project
rowproof replay <key>           the same, from any directory

<key> is a finding's key, or the beginning of one.

  --from <file>          findings.json of the check (default: of the last one, reports/out/findings.json)
  --project <folder>     the project, where it is no longer where it was checked
  --all                  every finding of the file
  --help                 this

Exit code: 1 when it still shows what the finding says, 0 when not, 2 could not run.`;

type Env = NodeJS.ProcessEnv;

interface Wanted {
  readonly file: FindingsFile;
  readonly findings: readonly FindingEntry[];
  readonly folder: string;
}

/** Replays and prints; throws nothing. */
export async function main(argv: readonly string[], env: Env): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    return await replay(await read(argv, env), env, interrupted);
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

async function read(argv: readonly string[], env: Env): Promise<Wanted> {
  const options = { from: { type: 'string' }, project: { type: 'string' }, all: { type: 'boolean' } } as const;
  const { text, on, words } = readWords('replay', argv, options, env);
  const path = fromHere(env, text.get('from') ?? join(reportsFolder(env, undefined), 'findings.json'));
  const file = await readFindings(path);
  const [key, ...more] = words;
  if (more.length > 0)
    throw new CannotRun(`\`${more.join(' ')}\` is one key too many.`, 'Replay one at a time, or --all.');
  if (key === undefined && !on.has('all'))
    throw new CannotRun('No finding was named.', `Give one of the keys in ${path}, or --all.`);
  if (key !== undefined && on.has('all'))
    throw new CannotRun(`Both \`${key}\` and --all were given.`, 'Give a key, or --all.');
  const project = text.get('project');
  return {
    file,
    findings: key === undefined ? file.findings : [keysLike(file.findings, key)],
    folder: project === undefined ? file.run.folder : fromHere(env, project),
  };
}

async function replay({ file, findings, folder }: Wanted, env: Env, { signal }: Interruption): Promise<number> {
  const { platform, stage, defaultGrants } = file.project;
  const spec = {
    project: folder,
    platform,
    defaultGrants,
    continueOnError: true,
    ...(stage === 'head' ? {} : { to: stage }),
  };
  await lookAtProject(folder, spec);
  await using server = await bootServer({ env, say: (line) => console.error(line), signal });
  signal.addEventListener('abort', () => void server.stop());
  await using lab = openLab(server.access);
  const unfit: string[] = [];
  let still = 0;
  for (const finding of findings) {
    await using database = await lab.clone(spec);
    const shown = await replayWitness(finding, {
      connect: () => database.connectAsOwner(),
      open: () => openDoorOf(server.access, database),
    });
    show(finding, shown);
    if (shown.shown) still += 1;
    if (shown.unfit !== null) unfit.push(`${finding.key}: ${shown.unfit}`);
  }
  signal.throwIfAborted();
  if (unfit.length > 0)
    throw new CannotRun(`It cannot be replayed on this project: ${unfit.join('; ')}.`, 'Run the check again.');
  return still > 0 ? 1 : 0;
}

function show(finding: FindingEntry, replayed: Replay): void {
  const observed = finding.observed.replaceAll('\n', '\n           ');
  console.log(`${finding.key}\n  expected ${finding.expected}\n  observed ${observed}\n`);
  console.log(transcript(replayed));
  if (replayed.unfit !== null) return;
  console.log(replayed.shown ? 'The witness still shows it.\n' : 'The witness no longer shows it.\n');
}
