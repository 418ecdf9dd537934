/** A client's connection: dials the upstream at once, then lets both links carry until the sockets are closed. */

import type { Socket } from 'node:net';
import { dial } from './address.ts';
import type { ToxicSet } from './toxic-set.ts';
import { Wire } from './wire.ts';

export interface Connection {
  /** Closes both sockets at once; what the links hold is dropped. */
  close(): void;
}

/** @param gone called when nothing is left of it */
export function connect(accepted: Socket, upstream: string, toxics: ToxicSet, gone: () => void): Connection {
  const client = new Wire(accepted);
  const server = new Wire(dial(upstream));
  const connection: Connection = {
    close: () => {
      client.close();
      server.close();
    },
  };
  let open = 2;
  let links: Disposable | null = null;
  for (const wire of [client, server]) {
    wire.socket.once('close', () => {
      open -= 1;
      if (links === null) connection.close();
      if (open > 0) return;
      links?.[Symbol.dispose]();
      gone();
    });
  }
  server.socket.once('connect', () => {
    links = toxics.link(client, server);
  });
  return connection;
}
