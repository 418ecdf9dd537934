/** The fault proxy as a container's only program: the ports that Toxiproxy's image has, on every address. */

import { startToxiproxy } from './server.ts';

const toxiproxy = await startToxiproxy({ port: 8474, host: '0.0.0.0' });
process.once('SIGTERM', () => void toxiproxy.close().then(() => process.exit(0)));
