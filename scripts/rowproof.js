#!/usr/bin/env node
/** The program `rowproof <command>`: finds the Node that the project brings along where the caller's is too old. */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const HELP = `rowproof check <folder>         find leaks and impersonation in a project of SQL migrations
rowproof replay <key>           run a finding's witness again on a fresh database
rowproof access <folder>        propose access.yaml: the flows of data that were observed
rowproof mutate <folder>        remove or weaken one protection at a time: does any verdict change?
rowproof chaos <folder>         break network and server under every call and write: done once, or not at all?
rowproof new attack <id>        write the skeleton of an attack
rowproof doctor                 what works on this machine

rowproof <command> --help says more. Exit code: 0 clean, 1 findings, 2 could not run.`;

const COMMANDS = ['check', 'replay', 'access', 'mutate', 'chaos', 'new', 'doctor'];
const here = dirname(fileURLToPath(import.meta.url));
const [command, ...words] = process.argv.slice(2);

if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
  console.log(HELP);
  process.exit(command === undefined ? 2 : 0);
}
if (command === '--version') {
  console.log(createRequire(import.meta.url)('../package.json').version);
  process.exit(0);
}
if (!COMMANDS.includes(command)) {
  console.error(
    `There is no command \`${command}\`.\nFix: Name one of ${COMMANDS.join(', ')}; rowproof --help says more.`,
  );
  process.exit(2);
}

const node = ownNode();
if (node === null) {
  console.error(`Rowproof needs Node 24, and this is Node ${process.versions.node}, so nothing was run.`);
  console.error('Fix: run `npm ci` (without --omit=optional) in its folder, which brings Node 24 along.');
  process.exit(2);
}
const child = spawn(node, [join(here, `${command}.ts`), ...words], {
  stdio: 'inherit',
  env: { ...process.env, ROWPROOF_TYPED_IN: process.cwd() },
});
// Whoever tells only this process means the child, too; a terminal tells both, and the child hears it once.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => child.kill(signal));
child.once('error', (error) => {
  console.error(`Rowproof could not be started: ${error.message}`);
  process.exit(2);
});
child.once('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));

/** This Node, where it is new enough; else the one in node_modules; null: none. */
function ownNode() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const program = process.platform === 'win32' ? 'node.exe' : 'node';
  const find = createRequire(join(here, 'node24/package.json'));
  for (const name of [`node-${system}-${process.arch}`, `node-bin-${system}-${process.arch}`]) {
    try {
      const path = join(dirname(find.resolve(`${name}/package.json`)), 'bin', program);
      if (existsSync(path)) return path;
    } catch {
      // Not made for this system.
    }
  }
  return null;
}
