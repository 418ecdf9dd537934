/** A server that faults may stop, fill up and use up, with its lab and its fault proxy. */

import { openLab } from '../fixtures/lab/lab.ts';
import type { ServerKind } from '../fixtures/model/server.ts';
import { bootDisposable } from '../fixtures/servers/disposable.ts';
import { openSwitchboard } from './line.ts';
import type { OwnGround } from './project.ts';

export interface OwnGroundOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Of the run's own server: a container goes beside a container. */
  readonly kind: ServerKind;
  readonly signal?: AbortSignal;
}

/**
 * @param stack what is opened is closed with it
 * @returns why there can be none, where there is no embedded server for this machine
 */
export async function openOwnGround(
  stack: AsyncDisposableStack,
  { env, kind, signal }: OwnGroundOptions,
): Promise<OwnGround | string> {
  try {
    const server = stack.use(await bootDisposable({ env, kind, say: () => undefined, ...(signal ? { signal } : {}) }));
    // Whatever waits for the server ends with it.
    signal?.addEventListener('abort', () => void server.stop());
    const lab = stack.use(openLab(server.access));
    const switchboard = stack.use(await openSwitchboard({ access: server.access, env }));
    return { lab, switchboard, server: server.control };
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'CannotRun') throw error;
    return `there is no server of its own that could be broken: ${error.message}`;
  }
}
