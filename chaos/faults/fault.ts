/** A broken condition as a value: how it is brought about, and how it is healed. */

import type { Proxy as ProxyHandle } from 'toxiproxy-node-client';

/** What a fault of the network strikes: the proxy between a client and its server. */
export interface Wire {
  readonly proxy: ProxyHandle;
}

/** Undoes a fault, once. What the fault holds back is discarded, so that nothing happens by being healed. */
export type Healing = () => Promise<void>;

export interface Fault<Ground> {
  /** Names it in reports and seeds, e.g. `latency:upstream`. */
  readonly id: string;
  /** What is broken, in one sentence. */
  readonly says: string;
  /** Brings about what must be there before the connections that it is to strike are opened; absent: nothing must. */
  readonly arm?: (ground: Ground) => Promise<Healing>;
  /** Strikes; of a fault that was armed, the armed connections. */
  readonly apply: (ground: Ground) => Promise<Healing>;
}

/** There is nothing that the fault could strike, in this project, on this server or at what the client does; the message says why. */
export class CannotOccur extends Error {
  override readonly name = 'CannotOccur';
}
