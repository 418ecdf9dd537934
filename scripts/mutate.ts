/** `npm run mutate -- <folder>`: does any verdict change when one protection is gone? Exits 0 none survived, 1 some did, 2 could not run. */

import './require-node24.js';
import { main } from './mutate/main.ts';

process.exit(await main(process.argv.slice(2), process.env));
