/** `npm run toxiproxy [-- --port N] [--host H]`: the fault proxy by itself, until it is interrupted. */

import './require-node24.js';
import { once } from 'node:events';
import { version } from '../chaos/proxy/routes.ts';
import { startToxiproxy, type ToxiproxyOptions } from '../chaos/proxy/server.ts';
import { CannotRun } from '../fixtures/model/errors.ts';
import { complain } from './check/complain.ts';
import { commandLine } from './check/places.ts';
import { readWords } from './check/words.ts';
import { asksForHelp } from './run/help.ts';
import { interruption } from './run/interruption.ts';

const defaultPort = 8474;

const HELP = `npm run toxiproxy                        a fault proxy that speaks Toxiproxy's HTTP API, until it is interrupted
npm run toxiproxy -- --port <number>     where its API listens: ${defaultPort} where not given, 0 for any that is free
npm run toxiproxy -- --host <address>    127.0.0.1 where not given; nobody is asked for a password

Exit code: 2 could not run, 130 or 143 interrupted.`;

const OPTIONS = { port: { type: 'string' }, host: { type: 'string' } } as const;

process.exit(await main(process.argv.slice(2), process.env));

async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  if (asksForHelp(argv)) {
    console.log(HELP);
    return 0;
  }
  using interrupted = interruption();
  try {
    const options = readOptions(argv, env);
    await using toxiproxy = await startToxiproxy(options);
    console.log(`Toxiproxy ${version} (Rowproof's own) answers at ${toxiproxy.url}`);
    if (!interrupted.signal.aborted) await once(interrupted.signal, 'abort');
    return interrupted.exitCode() ?? 0;
  } catch (error) {
    return interrupted.exitCode() ?? complain(error, env);
  }
}

function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): ToxiproxyOptions {
  const { text, words } = readWords('toxiproxy', argv, OPTIONS, env);
  if (words.length > 0)
    throw new CannotRun(
      `\`toxiproxy\` takes no \`${words.join(' ')}\`.`,
      `\`${commandLine(env, 'toxiproxy')} --help\` says more.`,
    );
  const host = text.get('host');
  return { port: readPort(text.get('port')), ...(host === undefined ? {} : { host }) };
}

function readPort(given: string | undefined): number {
  if (given === undefined) return defaultPort;
  const port = Number(given);
  if (!/^\d+$/.test(given) || port > 65_535)
    throw new CannotRun(`\`${given}\` is no port.`, 'Give a number from 0 to 65535.');
  return port;
}
