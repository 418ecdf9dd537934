/** Ctrl-C and SIGTERM as an abort signal: everything started gets the chance to stop, within bounds. */

import { constants } from 'node:os';

/** Clean-up that takes longer than this is left to the next start, which removes leftovers. */
const graceMilliseconds = 15_000;

/** A terminal tells the whole group, and npm and shells tell it on: what comes so soon is the same Ctrl-C again. */
const echoMilliseconds = 1_000;

export interface Interruption extends Disposable {
  readonly signal: AbortSignal;
  /** `SIGINT` or `SIGTERM`; null while nobody interrupted. */
  name(): NodeJS.Signals | null;
  /** 130 or 143; null while nobody interrupted. */
  exitCode(): number | null;
  /** Takes the signals back from libraries that end the process at once: Vitest does, a millisecond after the signal. */
  reclaim(): void;
}

/** Listens until disposed. A second signal, a second or more after the first, ends the process at once. */
export function interruption(): Interruption {
  const controller = new AbortController();
  let received: NodeJS.Signals | null = null;
  let since = 0;
  const listen = (name: NodeJS.Signals) => {
    const now = performance.now();
    if (received !== null && now - since < echoMilliseconds) return;
    if (received !== null) process.exit(codeOf(name));
    received = name;
    since = now;
    console.error(`\n${name}: stopping everything that was started …`);
    setTimeout(() => process.exit(codeOf(name)), graceMilliseconds).unref();
    controller.abort();
  };
  process.on('SIGINT', listen);
  process.on('SIGTERM', listen);
  return {
    signal: controller.signal,
    name: () => received,
    exitCode: () => (received === null ? null : codeOf(received)),
    reclaim: () => {
      for (const name of ['SIGINT', 'SIGTERM']) {
        process.removeAllListeners(name).on(name, listen);
      }
    },
    [Symbol.dispose]: () => {
      process.off('SIGINT', listen);
      process.off('SIGTERM', listen);
    },
  };
}

function codeOf(name: NodeJS.Signals): number {
  return 128 + constants.signals[name];
}
