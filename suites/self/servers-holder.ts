/** A run to be killed: boots, prints its access, and waits for ever. */

import { bootServer } from '../../fixtures/servers/boot.ts';

const server = await bootServer({ env: process.env, say: () => undefined });
process.stdout.write(`${JSON.stringify(server.access)}\n`);
setInterval(() => undefined, 60_000);
