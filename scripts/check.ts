/** `npm run check -- <folder>`: every attack on a project, from its migrations alone. Exits 0 clean, 1 findings, 2 could not run. */

import './require-node24.js';
import { main } from './check/main.ts';

process.exit(await main(process.argv.slice(2), process.env));
