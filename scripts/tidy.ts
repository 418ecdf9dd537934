/** `npm run tidy`: format and lint, types, dead code, house rules. Exits 1 when one of them has something to say. */

import './require-node24.js';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { inspectHouse } from './tidy/house.ts';

const root = join(import.meta.dirname, '..');

interface Result {
  readonly name: string;
  readonly clean: boolean;
  readonly output: string;
}

/** Runs one tool of `node_modules/.bin`; its output is kept until all are done. */
async function run(name: string, tool: string, args: readonly string[]): Promise<Result> {
  const child = spawn(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => child.once('close', resolve).once('error', reject));
  const [code, out, err] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
  return { name, clean: code === 0, output: `${out}${err}`.trim() };
}

function house(): Result {
  const complaints = inspectHouse(root);
  return { name: 'house rules', clean: complaints.length === 0, output: complaints.join('\n') };
}

const results = await Promise.all([
  run('format and lint', 'biome', ['check', '--error-on-warnings']),
  run('types', 'tsc', ['--noEmit']),
  run('dead code', 'knip', []),
  house(),
]);
for (const { name, clean, output } of results) {
  if (!clean) console.error(`${output}\n`);
  console.log(`${clean ? '✓' : '✗'} ${name}`);
}
process.exitCode = results.every(({ clean }) => clean) ? 0 : 1;
