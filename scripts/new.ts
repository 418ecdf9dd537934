/** `npm run new attack <id>`: writes the skeleton of an attack, which fails until it is written. */

import './require-node24.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CannotRun } from '../fixtures/model/errors.ts';
import { complain } from './check/complain.ts';
import { root } from './check/places.ts';
import { asksForHelp } from './run/help.ts';

const HELP = `npm run new attack <id>         writes suites/attacks/<id>.ts, which fails in test:self until it is written

<id> begins with its group, e.g. read-…, write-…, rpc-…, view-…, grant-…; lower-case letters, digits and dashes.`;

const GROUPS: { readonly [start: string]: string } = {
  read: 'table read',
  write: 'table write',
  sequence: 'sequence',
  rpc: 'rpc',
  view: 'view',
  fn: 'function',
  path: 'function',
  grant: 'grant',
  session: 'session',
  http: 'front door',
  trigger: 'trigger',
};

process.exit(await main(process.argv.slice(2)));

async function main(argv: readonly string[]): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  try {
    const id = idIn(argv);
    const path = join(root, 'suites/attacks', `${id}.ts`);
    await write(path, skeleton(id));
    console.log(
      `${path}\nIt is red until its plant, its probes and its judge are written: npm run test:self -- /attacks.test -t ${id}`,
    );
    return 0;
  } catch (error) {
    return complain(error, process.env);
  }
}

function idIn([kind, id, ...more]: readonly string[]): string {
  if (kind !== 'attack' || id === undefined || more.length > 0)
    throw new CannotRun('Only attacks are made this way.', 'Run `npm run new attack <id>`.');
  if (/^[a-z][a-z0-9]*(-[a-z0-9]+)+$/.test(id)) return id;
  throw new CannotRun(`\`${id}\` is no id of an attack.`, 'Use lower-case words with dashes, e.g. read-foreign-row.');
}

async function write(path: string, content: string): Promise<void> {
  try {
    await writeFile(path, content, { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EEXIST') throw new CannotRun(`${path} is there already.`, 'Choose another id.');
    throw error;
  }
}

function skeleton(id: string): string {
  const group = GROUPS[id.split('-')[0] ?? ''] ?? 'table read';
  return `/** Says in one sentence what the attack does. */

import { select } from '../../fixtures/act/sql.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import type { Attack } from '../../fixtures/model/attack.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { NOTES, OWN_NOTES } from '../plants.ts';

export const attack: Attack = {
  id: '${id}',
  group: '${group}',
  severity: 'high',
  title: 'does what no caller may do',
  explains: 'What is tried, and how it is known to be wrong.',
  plants: [{ platform: 'supabase', base: NOTES + OWN_NOTES, plant: 'SELECT 1;', repair: 'SELECT 1;' }],
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const persona of scene.attackers) {
        yield {
          surface: { kind: 'relation', name: relation.name, verb: 'select' },
          persona,
          shape: 'rolled back',
          probes: [{ persona, sql: select(relation, []) }],
          judge: (observations) => judgeEach(observations, () => ({ state: 'held' })),
        };
      }
    }
  },
};
`;
}
