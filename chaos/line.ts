/** A way to the server through a fault proxy: one proxy, and the access that goes by it. */

import type { Toxiproxy as ToxiproxyClient } from 'toxiproxy-node-client';
import type { ServerAccess } from '../fixtures/model/server.ts';
import { controlOf } from './control.ts';
import type { Wire } from './faults/fault.ts';
import { startToxiproxy } from './proxy/server.ts';

/** Closing it cuts whatever still goes by it. */
export interface Line extends Wire, AsyncDisposable {
  /** As the server's own, but for host and port: what connects by it goes through the proxy. */
  readonly access: ServerAccess;
}

/** Where lines are made: a fault proxy of this process, or one in a container. */
export interface Switchboard extends AsyncDisposable {
  /** For people: `in this process`, or the container's image. */
  readonly says: string;
  /** @param name of the proxy, unique among those that are open */
  line(access: ServerAccess, name: string): Promise<Line>;
}

/** A fault proxy in this process; it is driven through its HTTP API like any other. */
export async function openSwitchboard(): Promise<Switchboard> {
  const server = await startToxiproxy();
  const control = controlOf(server.url);
  return {
    says: 'in this process',
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
