/** `npm run docs`: writes docs/attacks.md from the attacks themselves. */

import './require-node24.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attacksPage } from '../reports/attacks-page.ts';
import { loadAttacks } from '../suites/load-attacks.ts';
import { asksForHelp } from './run/help.ts';

if (asksForHelp(process.argv.slice(2))) {
  console.log('npm run docs     writes docs/attacks.md from the attacks themselves');
  process.exit(0);
}
await writeFile(join(import.meta.dirname, '../docs/attacks.md'), attacksPage(await loadAttacks()));
