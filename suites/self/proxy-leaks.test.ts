/** The fault proxy under many connections: nothing is left of them, and its API goes on answering. */

import { connect, createServer, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, onTestFinished, test } from 'vitest';
import { startToxiproxy } from '../../chaos/proxy/server.ts';
import {
  type Api,
  apiOf,
  dialTo,
  freePort,
  listenOn,
  openScene,
  openUpstream,
  portOf,
  staysFor,
  type Upstream,
} from './proxy-scene.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

/** Ways in which a connection comes to its end, in turn. */
const endings: readonly ((client: Socket) => void)[] = [
  (client) => void client.write('echo'),
  (client) => void client.end(),
  (client) => void client.end('last'),
  (client) => void client.destroy(),
  (client) => void client.resetAndDestroy(),
  (client) => void client.write('close'),
];

/** So many connections, a hundred at once; each is over when its socket is closed. */
async function many(port: number, count: number): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count) {
      const ending = endings[next % endings.length];
      next += 1;
      const client = connect({ port, host: '127.0.0.1', noDelay: true });
      client.on('error', () => undefined).on('data', () => client.end());
      client.once('connect', () => ending?.(client));
      await closed(client);
    }
  };
  await Promise.all(Array.from({ length: 100 }, one));
}

/** However it came. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => void socket.once('close', () => resolve()));
}

/** Sockets and timers that the process waits for. */
function waitedFor(): number {
  return process.getActiveResourcesInfo().filter((name) => /TCP|Timeout/.test(name)).length;
}

async function settled(wanted: number): Promise<number> {
  for (let look = 0; look < 100 && waitedFor() > wanted; look += 1) await staysFor(20, new Promise(() => undefined));
  return waitedFor();
}

function heap(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}

async function proxyTo(api: Api, upstream: string, name: string): Promise<number> {
  const { json } = await api('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream });
  return portOf(json.listen);
}

test('10,000 connections leave no socket, no timer and no memory', async () => {
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    socket
      .on('error', () => undefined)
      .on('data', (data) => {
        if (String(data) === 'close') socket.end('bye');
        else socket.write(data);
      });
  });
  const upstream = `127.0.0.1:${await listenOn(server)}`;
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  const api = apiOf(toxiproxy.url);
  const port = await proxyTo(api, upstream, 'p');
  const toxics = [
    { type: 'latency', attributes: { latency: 1, jitter: 1 }, toxicity: 0.5 },
    { type: 'slicer', attributes: { average_size: 2 }, toxicity: 0.5 },
    { type: 'limit_data', attributes: { bytes: 3 }, toxicity: 0.2 },
    { type: 'slow_close', stream: 'upstream', attributes: { delay: 2 }, toxicity: 0.2 },
    { type: 'timeout', stream: 'upstream', attributes: { timeout: 3 }, toxicity: 0.1 },
    { type: 'reset_peer', stream: 'upstream', toxicity: 0.1 },
  ];
  for (const toxic of toxics) await api('POST', '/proxies/p/toxics', toxic);
  await many(port, 1_000);
  const before = await settled(0);
  const small = heap();
  await many(port, 9_000);
  expect(await settled(before)).toBeLessThanOrEqual(before);
  expect(sockets.size).toBe(0);
  expect(heap()).toBeLessThan(1.5 * small);
});

/** Twenty connections that hold something for ten minutes on both streams. */
async function holding(
  api: Api,
  upstream: Upstream,
): Promise<readonly { readonly client: Socket; readonly server: Socket }[]> {
  const port = await proxyTo(api, upstream.address, 'held');
  const toxics = [
    { type: 'latency', attributes: { latency: 600_000 } },
    { type: 'slow_close', attributes: { delay: 600_000 } },
    { type: 'reset_peer', stream: 'upstream', attributes: { timeout: 600_000 } },
  ];
  for (const toxic of toxics) await api('POST', '/proxies/held/toxics', toxic);
  const pairs = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const client = await dialTo(`127.0.0.1:${port}`);
      client.send('x');
      const server = await upstream.next();
      server.send('y');
      return { client: client.socket, server: server.socket };
    }),
  );
  await expect.poll(waitedFor).toBeGreaterThanOrEqual(20 * 4 + 20 * 2);
  return pairs;
}

/** Connections of the API come and go, with their timers. */
const ofTheApi = 8;

test('closing the server ends held data and waiting resets, and leaves nothing', async () => {
  const upstream = await openUpstream();
  const before = await settled(0);
  const toxiproxy = await startToxiproxy();
  const api = apiOf(toxiproxy.url);
  const pairs = await holding(api, upstream);
  const blocked = api('DELETE', '/proxies/held/toxics/reset_peer_upstream').catch((error: unknown) => error);
  await toxiproxy.close();
  await toxiproxy.close();
  await blocked;
  for (const { client, server } of pairs) {
    client.destroy();
    server.destroy();
  }
  await expect(api('GET', '/version')).rejects.toThrow('fetch failed');
  expect(await settled(before + ofTheApi)).toBeLessThanOrEqual(before + ofTheApi);
});

test('both ends gone: what was held for them is gone as well', async () => {
  const scene = await openScene();
  const before = await settled(0);
  for (const { client, server } of await holding(scene.api, scene.upstream)) {
    client.resetAndDestroy();
    server.resetAndDestroy();
  }
  expect(await settled(before + ofTheApi)).toBeLessThanOrEqual(before + ofTheApi);
});

test('the API answers while connections flood in, also those that are refused', async () => {
  const scene = await openScene();
  const refused = `127.0.0.1:${await freePort()}`;
  const { json } = await scene.api('POST', '/proxies', { name: 'q', listen: '127.0.0.1:0', upstream: refused });
  const flood = many(portOf(json.listen), 1_000);
  for (let asked = 0; asked < 20; asked += 1) {
    expect((await scene.api('POST', '/proxies/q/toxics', { type: 'noop', name: `t${asked}` })).status).toBe(200);
  }
  for (const enabled of [false, true, false, true]) await scene.api('POST', '/proxies/q', { enabled });
  await flood;
  const { client, server } = await scene.pair();
  server.send('through');
  await client.received(8);
});
