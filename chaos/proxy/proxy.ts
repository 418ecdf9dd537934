/** One proxy: listens, hands what it accepts to connections, and keeps its port and toxics while it is disabled. */

import type { Server } from 'node:net';
import { listen, resolveAddress } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { makeLock } from './lock.ts';
import { ToxicSet } from './toxic-set.ts';

/** What a request may say of a proxy. */
export interface ProxySettings {
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

export class FaultProxy {
  readonly name: string;
  readonly toxics = new ToxicSet();
  readonly #oneAtATime = makeLock();
  readonly #connections = new Set<Connection>();
  #listen: string;
  #upstream: string;
  #server: Server | null = null;

  /** It stands still until it is started. */
  constructor(name: string, listenOn: string, upstream: string) {
    this.name = name;
    this.#listen = listenOn;
    this.#upstream = upstream;
  }

  get settings(): ProxySettings {
    return { listen: this.#listen, upstream: this.#upstream, enabled: this.#server !== null };
  }

  /** Does nothing where it listens already. @throws ApiError where it cannot listen. */
  start(): Promise<void> {
    return this.#oneAtATime(() => this.#start());
  }

  /** Stops listening and closes every connection. */
  stop(): Promise<void> {
    return this.#oneAtATime(() => this.#stop());
  }

  /** Restarts only where it listens, or leads, elsewhere. @throws ApiError; then it stays disabled. */
  update(wanted: (now: ProxySettings) => ProxySettings): Promise<void> {
    return this.#oneAtATime(async () => {
      const { listen: listenOn, upstream, enabled } = wanted(this.settings);
      if (await this.isElsewhere({ listen: listenOn, upstream })) {
        await this.#stop();
        this.#listen = listenOn;
        this.#upstream = upstream;
      }
      if (enabled) await this.#start();
      else await this.#stop();
    });
  }

  /** Whether these, with the host name looked up, are other addresses. @throws ApiError where they are none. */
  async isElsewhere({ listen: listenOn, upstream }: Omit<ProxySettings, 'enabled'>): Promise<boolean> {
    const { text } = await resolveAddress(listenOn);
    return text !== this.#listen || upstream !== this.#upstream;
  }

  async #start(): Promise<void> {
    if (this.#server) return;
    const { server, text } = await listen(this.#listen, (socket) => {
      const connection = connect(socket, this.#upstream, this.toxics, () => this.#connections.delete(connection));
      this.#connections.add(connection);
    });
    this.#server = server;
    this.#listen = text;
  }

  async #stop(): Promise<void> {
    const server = this.#server;
    if (!server) return;
    this.#server = null;
    const closed = new Promise<void>((resolve) => void server.close(() => resolve()));
    for (const connection of this.#connections) connection.close();
    await closed;
  }
}
