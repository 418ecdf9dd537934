/** `npm run access -- <folder> [--write]`: the flows of a project against its access.yaml, or into it. */

import './require-node24.js';
import { writeFile } from 'node:fs/promises';
import { parseArgs, styleText } from 'node:util';
import { type Access, type AccessOptions, observeAccess } from '../fixtures/engine/access.ts';
import { openLab } from '../fixtures/lab/lab.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import { bootServer } from '../fixtures/servers/boot.ts';
import { asksForHelp } from './run/help.ts';
import { interruption } from './run/interruption.ts';

const HELP = `npm run access -- <folder>            which flows opened (+) and closed (-) since access.yaml was written
npm run access -- <folder> --write    brings the flows in access.yaml up to date, or proposes the file

  --platform <kind>   supabase or plain; otherwise the project's files tell
  --continue          go on past migration files that fail

Exit code: 0 nothing differs, or it was written; 1 something differs; 2 could not run.`;

process.exitCode = await main(process.argv.slice(2));

async function main(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const { write, options } = readOptions(argv);
    await using server = await bootServer({ env: process.env, say: console.error, signal: interrupted.signal });
    await using lab = openLab(server.access);
    const access = await observeAccess(lab, options);
    return write ? await written(access) : compared(access);
  } catch (error) {
    const code = interrupted.exitCode();
    if (code === null) complain(error);
    return code ?? 2;
  }
}

function readOptions(argv: readonly string[]): { readonly write: boolean; readonly options: AccessOptions } {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      allowPositionals: true,
      options: { write: { type: 'boolean' }, continue: { type: 'boolean' }, platform: { type: 'string' } },
    });
    const [project, ...more] = positionals;
    const { platform } = values;
    if (project === undefined || more.length > 0) throw new RangeError('one folder');
    if (platform !== undefined && platform !== 'plain' && platform !== 'supabase') throw new RangeError('platform');
    return {
      write: values.write ?? false,
      options: {
        project,
        seed: Number(process.env['ROWPROOF_SEED'] ?? 1),
        ...(platform === undefined ? {} : { platform }),
        ...(values.continue ? { continueOnError: true } : {}),
      },
    };
  } catch {
    throw new CannotRun(`access does not take \`${argv.join(' ')}\`.`, 'Run `npm run access -- --help`.');
  }
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

function complain(error: unknown): void {
  if (error instanceof CannotRun) console.error(`\n${error.message}\nFix: ${error.fix}`);
  else console.error(error instanceof Error ? error.stack : String(error));
}
