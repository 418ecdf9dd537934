/** `npm run chaos -- <folder>`: is every call and write of a project done once or not at all, whatever breaks? Exits 0 held, 1 not, 2 could not run. */

import './require-node24.js';
import { main } from './chaos/main.ts';

process.exit(await main(process.argv.slice(2), process.env));
