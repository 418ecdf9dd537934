/** What the tests of the fault proxy share: a server of it, an upstream to play, and peers that remember what came and how it ended. */

import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { onTestFinished } from 'vitest';
import { startToxiproxy } from '../../chaos/proxy/server.ts';

/** A JSON answer, or its text. */
export interface Answer {
  readonly status: number;
  readonly type: string | null;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: answers are of any shape, and each is compared as a whole
  readonly json: any;
}

export type Api = (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>;

/** Asks as `fetch` does; a text is sent as it is, anything else as JSON. */
export function apiOf(url: string): Api {
  return async (method, path, body, headers = {}) => {
    const sent = body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) };
    const response = await fetch(url + path, { method, headers, redirect: 'manual', ...sent });
    const text = await response.text();
    return { status: response.status, type: response.headers.get('content-type'), text, json: parsed(text) };
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A server of one test. */
export async function openApi(): Promise<Api> {
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  return apiOf(toxiproxy.url);
}

/** One end of a connection. */
export interface Peer {
  readonly socket: Socket;
  /** Everything that came. */
  readonly bytes: () => Buffer;
  /** Sizes of what came, read by read, and when. */
  readonly reads: { readonly size: number; readonly at: number }[];
  /** How the other side ended it, and when. */
  readonly ended: Promise<{ readonly by: 'FIN' | 'RST'; readonly at: number }>;
  send(data: Buffer | string): void;
  /** Resolves with the time at which so many bytes have come; never if they do not. */
  received(count: number): Promise<number>;
}

/** Keeps its own half open when the other side ends. */
export function peerOf(socket: Socket): Peer {
  const parts: Buffer[] = [];
  const reads: { size: number; at: number }[] = [];
  const waiting = new Set<() => void>();
  let count = 0;
  socket.on('data', (data: Buffer) => {
    parts.push(data);
    count += data.length;
    reads.push({ size: data.length, at: performance.now() });
    for (const look of waiting) look();
  });
  const ended = new Promise<{ by: 'FIN' | 'RST'; at: number }>((resolve) => {
    socket.once('end', () => resolve({ by: 'FIN', at: performance.now() }));
    socket.on('error', () => resolve({ by: 'RST', at: performance.now() }));
  });
  onTestFinished(() => void socket.destroy());
  return {
    socket,
    reads,
    ended,
    bytes: () => Buffer.concat(parts),
    send: (data) => void socket.write(data),
    received: (wanted) =>
      new Promise((resolve) => {
        const look = () => {
          if (count < wanted) return;
          waiting.delete(look);
          resolve(performance.now());
        };
        waiting.add(look);
        look();
      }),
  };
}

export interface Upstream {
  readonly address: string;
  readonly port: number;
  /** The next connection that comes; those that came are kept. */
  next(): Promise<Peer>;
  /** How many have come. */
  count(): number;
}

export async function openUpstream(): Promise<Upstream> {
  const arrived: Peer[] = [];
  const waiting: ((peer: Peer) => void)[] = [];
  let count = 0;
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const peer = peerOf(socket);
    count += 1;
    const first = waiting.shift();
    if (first) first(peer);
    else arrived.push(peer);
  });
  const port = await listenOn(server);
  return {
    address: `127.0.0.1:${port}`,
    port,
    count: () => count,
    next: () => {
      const first = arrived.shift();
      return first ? Promise.resolve(first) : new Promise((resolve) => void waiting.push(resolve));
    },
  };
}

export async function listenOn(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const address = server.address();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

/** A port on which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOn(server);
  server.close();
  await once(server, 'close');
  return port;
}

/** A client of what listens there, e.g. `127.0.0.1:4711`. */
export async function dialTo(listen: string): Promise<Peer> {
  const socket = connect({ port: portOf(listen), host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
  const peer = peerOf(socket);
  await once(socket, 'connect');
  return peer;
}

export function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}

export interface Scene {
  readonly api: Api;
  readonly upstream: Upstream;
  readonly listen: string;
  /** A connection through the proxy that has carried a byte each way, so that both links stand. */
  pair(): Promise<{ readonly client: Peer; readonly server: Peer }>;
  /** The same, before anything was sent. */
  rawPair(): Promise<{ readonly client: Peer; readonly server: Peer }>;
  addToxic(toxic: Readonly<Record<string, unknown>>): Promise<Answer>;
}

/** A server with one proxy, `p`, and the upstream behind it. */
export async function openScene(): Promise<Scene> {
  const api = await openApi();
  const upstream = await openUpstream();
  const made = await api('POST', '/proxies', { name: 'p', listen: '127.0.0.1:0', upstream: upstream.address });
  const listen: string = made.json.listen;
  const rawPair = async () => {
    const client = await dialTo(listen);
    return { client, server: await upstream.next() };
  };
  return {
    api,
    upstream,
    listen,
    rawPair,
    pair: async () => {
      const { client, server } = await rawPair();
      client.send('>');
      await server.received(1);
      server.send('<');
      await client.received(1);
      return { client, server };
    },
    addToxic: (toxic) => api('POST', '/proxies/p/toxics', toxic),
  };
}

/** Whether it is still open for so many milliseconds: nothing tells that nothing will come. */
export async function staysFor(milliseconds: number, event: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(true), milliseconds);
  });
  const stays = await Promise.race([event.then(() => false), late]);
  clearTimeout(timer);
  return stays;
}
