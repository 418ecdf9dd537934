/** `npm run replay -- <key>`: runs a finding's witness on a fresh database. Exits 1 when it still shows it, 0 when not, 2 when it could not run. */

import './require-node24.js';
import { main } from './replay/main.ts';

process.exit(await main(process.argv.slice(2), process.env));
