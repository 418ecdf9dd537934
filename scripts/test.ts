/** `node scripts/test.ts <suite…|all> [Vitest arguments]`: what the npm scripts call. Exits 0 clean, 1 findings, 2 could not run. */

import './require-node24.js';
import { main } from './run/main.ts';

process.exit(await main(process.argv.slice(2), process.env));
