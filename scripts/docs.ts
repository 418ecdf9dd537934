/** `npm run docs`: writes docs/attacks.md from the attacks themselves. */

import './require-node24.js';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { attacksPage } from '../reports/attacks-page.ts';
import { loadAttacks } from '../suites/load-attacks.ts';

await writeFile(join(import.meta.dirname, '../docs/attacks.md'), attacksPage(await loadAttacks()));
