/** Lines through a Toxiproxy in a container: the official image, or our own proxy in one where that cannot be pulled. */

import { CannotRun } from '../fixtures/model/errors.ts';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { chooseImage } from '../fixtures/servers/container.ts';
import { findEndpoint } from '../fixtures/servers/docker-api.ts';
import { obtainImage } from '../fixtures/servers/docker-probe.ts';
import type { Switchboard } from './line.ts';
import type { FaultProxy } from './model.ts';
import { obtainStandIn } from './stand-in.ts';

/** The official image, pinned. */
const official = 'ghcr.io/shopify/toxiproxy:2.12.0';

/** Removed with the run that started it, by the label that its server's container has, too. */
const label = 'rowproof.run';

export interface ContainerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Names the run. */
  readonly access: ServerAccess;
  say(line: string): void;
}

/** @throws CannotRun where there is no engine, or neither image */
export async function openContainerSwitchboard({ env, access, say }: ContainerOptions): Promise<Switchboard> {
  const proxy = await choose(env, say);
  const { ToxiProxyContainer } = await import('@testcontainers/toxiproxy');
  const container = await new ToxiProxyContainer(proxy.image).withLabels({ [label]: access.run }).start();
  // The module looks for a free port and then takes it, which two at once cannot do.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>) => {
    const next = last.then(work);
    last = next.catch(() => undefined);
    return next;
  };
  return {
    proxy,
    line: async (server, name) => {
      const { inside } = server;
      if (inside === undefined)
        throw new CannotRun(
          'A server outside the engine is out of reach of its containers.',
          'Use a line in this process.',
        );
      const made = await inTurn(() => container.createProxy({ name, upstream: `${inside.host}:${inside.port}` }));
      return {
        proxy: made.instance,
        access: { ...server, host: made.host, port: made.port },
        [Symbol.asyncDispose]: () => made.instance.remove(),
      };
    },
    [Symbol.asyncDispose]: async () => void (await container.stop()),
  };
}

async function choose(env: NodeJS.ProcessEnv, say: (line: string) => void): Promise<FaultProxy & { image: string }> {
  const endpoint = findEndpoint(env);
  if (endpoint === null)
    throw new CannotRun('No Docker engine is running.', 'Start one, or use the proxy of this process.');
  process.env['DOCKER_HOST'] = endpoint;
  const wanted = env['ROWPROOF_TOXIPROXY_IMAGE'] || official;
  const obstacle = await obtainImage(env, endpoint, wanted, say);
  if (obstacle === null) return { where: 'container', image: wanted, official: wanted === official, obstacle };
  const image = await obtainStandIn(env, endpoint, chooseImage(env));
  return { where: 'container', image, official: false, obstacle };
}
