/** A way to the server through a fault proxy: one proxy, and the access that goes by it. */

import type { Toxiproxy as ToxiproxyClient } from 'toxiproxy-node-client';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { controlOf } from './control.ts';
import type { Wire } from './faults/fault.ts';
import type { FaultProxy } from './model.ts';
import { startToxiproxy } from './proxy/server.ts';

/** Closing it cuts whatever still goes by it. */
export interface Line extends Wire, AsyncDisposable {
  /** As the server's own, but for host and port: what connects by it goes through the proxy. */
  readonly access: ServerAccess;
}

/** Where lines are made: a fault proxy of this process, or one in a container. */
export interface Switchboard extends AsyncDisposable {
  readonly proxy: FaultProxy;
  /** @param name of the proxy, unique among those that are open */
  line(access: ServerAccess, name: string): Promise<Line>;
}

export interface SwitchboardOptions {
  /** The run's server: where it is a container, so is the fault proxy. */
  readonly access: ServerAccess;
  readonly env?: NodeJS.ProcessEnv;
  /** Hears what takes long. */
  readonly say?: (line: string) => void;
}

/**
 * A fault proxy in a container for a server in one, else in this process; each is driven by its HTTP API alone. A server that no
 * container reaches, such as a standby of the embedded kind, is reached through this process in either case.
 * @throws CannotRun where the container cannot be had
 */
export async function openSwitchboard({
  access,
  env = process.env,
  say = () => undefined,
}: SwitchboardOptions): Promise<Switchboard> {
  if (access.inside === undefined) return await openHere();
  const { openContainerSwitchboard } = await import('./container.ts');
  const there = await openContainerSwitchboard({ env, access, say });
  const here = await openHere();
  return {
    proxy: there.proxy,
    line: (server, name) => (server.inside === undefined ? here : there).line(server, name),
    [Symbol.asyncDispose]: async () => {
      await Promise.all([here[Symbol.asyncDispose](), there[Symbol.asyncDispose]()]);
    },
  };
}

async function openHere(): Promise<Switchboard> {
  const server = await startToxiproxy();
  const control = controlOf(server.url);
  return {
    proxy: { where: 'process', image: null, official: false, obstacle: null },
    line: (access, name) => lineBy(control, access, name),
    [Symbol.asyncDispose]: () => server.close(),
  };
}

async function lineBy(control: ToxiproxyClient, access: ServerAccess, name: string): Promise<Line> {
  const upstream = `${access.host}:${access.port}`;
  const proxy = await control.createProxy({ name, listen: '127.0.0.1:0', upstream });
  const port = Number(proxy.listen.slice(proxy.listen.lastIndexOf(':') + 1));
  return {
    proxy,
    access: { ...access, host: '127.0.0.1', port },
    [Symbol.asyncDispose]: () => proxy.remove(),
  };
}
