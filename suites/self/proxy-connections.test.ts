/** Connections through the fault proxy: when it dials, how ends travel, what closes how, and who waits for whom. */

import { createServer } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import { percentile } from '../bench/measurement.ts';
import { dialTo, freePort, listenOn, openScene, type Peer, type Scene, staysFor } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

async function leadTo(upstream: string): Promise<Peer> {
  await scene.api('POST', '/proxies/p', { upstream });
  return await dialTo(scene.listen);
}

/** Writes until the socket takes no more; resolves with how much it took. */
async function fill(peer: Peer): Promise<number> {
  const block = Buffer.alloc(64 * 1024);
  let sent = 0;
  while (sent < 256 * 1024 * 1024) {
    sent += block.length;
    if (!peer.socket.write(block) && (await staysFor(300, new Promise((r) => void peer.socket.once('drain', r)))))
      break;
  }
  return sent;
}

describe('Dialling', () => {
  test('the upstream is dialled at once, also for a silent client, and may speak first', async () => {
    const { client, server } = await scene.rawPair();
    server.send('welcome');
    await client.received(7);
    expect(String(client.bytes())).toBe('welcome');
  });

  test('what a client sends before the upstream has answered arrives', async () => {
    const client = await dialTo(scene.listen);
    client.send('early');
    const server = await scene.upstream.next();
    await server.received(5);
    expect(String(server.bytes())).toBe('early');
  });

  test('an upstream that refuses: the client is closed with FIN and gets nothing', async () => {
    const client = await leadTo(`127.0.0.1:${await freePort()}`);
    expect((await client.ended).by).toBe('FIN');
    expect(client.bytes().length).toBe(0);
  });

  test.for(['nonsense', 'no-such-host.invalid:1', '127.0.0.1:99999'])(
    'an upstream %s is one that refuses',
    async (upstream) => {
      expect((await (await leadTo(upstream)).ended).by).toBe('FIN');
    },
  );

  test('an upstream is found by its host name, by its IPv6 address and without a host', async () => {
    const port = scene.upstream.port;
    for (const upstream of [`localhost:${port}`, `:${port}`]) {
      const client = await leadTo(upstream);
      const server = await scene.upstream.next();
      server.send('x');
      await client.received(1);
    }
    const six = createServer((socket) => void socket.end('six'));
    six.listen(0, '::1');
    await new Promise((resolve) => void six.once('listening', resolve));
    const address = six.address();
    const client = await leadTo(`[::1]:${address !== null && typeof address === 'object' ? address.port : 0}`);
    await client.received(3);
    six.close();
  });

  test('a dial in flight is dropped when the proxy is disabled', async () => {
    // TEST-NET: nobody answers there, so the dial stays in flight, or is refused.
    const client = await leadTo('192.0.2.1:9');
    await scene.api('POST', '/proxies/p', { enabled: false });
    expect((await client.ended).by).toBe('FIN');
  });
});

describe('Ends', () => {
  test('half-close is not kept: a FIN of the client closes the server socket completely, and an answer still to come is lost', async () => {
    const { client, server } = await scene.pair();
    client.socket.end('request');
    await server.received(8);
    expect((await server.ended).by).toBe('FIN');
    expect((await client.ended).by).toBe('FIN');
    server.send('answer');
    server.socket.on('error', () => undefined);
    await new Promise((resolve) => void server.socket.once('close', resolve).end('more'));
    expect(String(client.bytes())).toBe('<');
  });

  test('the same from the other side', async () => {
    const { client, server } = await scene.pair();
    server.socket.end('last words');
    await client.received(11);
    expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
  });

  test('the end runs behind the data: all of a large answer arrives before it', async () => {
    const { client, server } = await scene.pair();
    server.socket.end(Buffer.alloc(3_000_000, 7));
    await client.ended;
    expect(client.bytes().length).toBe(3_000_001);
  });

  test('an error on a source is its end: a reset arrives as FIN at the other side', async () => {
    const { client, server } = await scene.pair();
    client.socket.resetAndDestroy();
    expect((await server.ended).by).toBe('FIN');
  });

  test('the other link ends through its own chain: slow_close there counts', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slow_close', stream: 'downstream', attributes: { delay: 300 } });
    const began = performance.now();
    client.socket.end();
    const closed = await server.ended;
    expect((await client.ended).at - began).toBeGreaterThanOrEqual(299);
    expect(closed.at - began).toBeLessThan((await client.ended).at - began);
  });

  test.for(['disable', 'delete', 'listen', 'upstream'])(
    '%s: both sockets close at once with FIN, held bytes are discarded',
    async (what) => {
      const { client, server } = await scene.pair();
      for (const stream of ['upstream', 'downstream'])
        await scene.addToxic({ type: 'latency', stream, attributes: { latency: 600_000 } });
      server.send('held');
      client.send('held');
      // Both have been read when a later request has been answered twice.
      for (let asked = 0; asked < 2; asked += 1) await scene.api('GET', '/version');
      const requests = {
        disable: ['POST', '/proxies/p', { enabled: false }],
        delete: ['DELETE', '/proxies/p', undefined],
        listen: ['POST', '/proxies/p', { listen: '127.0.0.1:0' }],
        upstream: ['POST', '/proxies/p', { upstream: '127.0.0.1:1' }],
      } as const;
      const [method, path, body] = requests[what as keyof typeof requests];
      await scene.api(method, path, body);
      expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
      expect([client.bytes().length, server.bytes().length]).toEqual([1, 1]);
    },
  );

  // The smaller one has been read by the process to the end, and not by the chain: the original would have left it to the kernel.
  test.for([120_000, 1_000_000])(
    'a socket that closes with unread bytes (of %i) sends a reset, as the kernel does',
    async (sent) => {
      const { client, server } = await scene.pair();
      await scene.addToxic({ type: 'bandwidth', stream: 'upstream' });
      client.send(Buffer.alloc(sent));
      expect(await staysFor(100, server.received(2))).toBe(true);
      await scene.api('POST', '/proxies/p', { enabled: false });
      expect([(await client.ended).by, (await server.ended).by]).toEqual(['RST', 'FIN']);
    },
  );
});

describe('Flow', () => {
  test('bytes arrive as they were, both ways at once', async () => {
    const { client, server } = await scene.pair();
    const up = Buffer.from(Array.from({ length: 500_000 }, (_, at) => at * 7));
    const down = Buffer.from(Array.from({ length: 500_000 }, (_, at) => at * 11));
    client.send(up);
    server.send(down);
    await Promise.all([server.received(up.length + 1), client.received(down.length + 1)]);
    expect(server.bytes().subarray(1).equals(up)).toBe(true);
    expect(client.bytes().subarray(1).equals(down)).toBe(true);
  });

  test.for(['upstream', 'downstream'])(
    'back pressure %s: a slow reader stops the source, and nothing is lost',
    async (stream) => {
      const { client, server } = await scene.pair();
      const [source, reader] = stream === 'upstream' ? [client, server] : [server, client];
      reader.socket.pause();
      const sent = await fill(source);
      expect(sent).toBeLessThan(64 * 1024 * 1024);
      reader.socket.resume();
      await reader.received(sent + 1);
      expect(reader.bytes().length).toBe(sent + 1);
    },
  );

  test('a connection whose reader stands still does not stop another one, nor the API', async () => {
    const blocked = await scene.pair();
    blocked.client.socket.pause();
    await fill(blocked.server);
    const other = await scene.pair();
    other.server.send('through');
    await other.client.received(8);
    expect((await scene.api('GET', '/proxies/p')).status).toBe(200);
    for (const type of ['latency', 'limit_data', 'slicer'])
      expect((await scene.addToxic({ type, attributes: { bytes: 1e9, average_size: 9 } })).status).toBe(200);
    expect((await scene.api('POST', '/reset')).status).toBe(204);
    await scene.api('DELETE', '/proxies/p');
    blocked.client.socket.resume();
    expect((await other.client.ended).by).toBe('FIN');
  });

  test('small writes do not wait for each other: neither socket delays them', async () => {
    const { client, server } = await scene.pair();
    const trips = async () => {
      const times: number[] = [];
      for (let trip = 0; trip < 60; trip += 1) {
        const [up, down] = [server.bytes().length, client.bytes().length];
        const began = performance.now();
        client.send('ab');
        await server.received(up + 2);
        server.send('cd');
        times.push((await client.received(down + 2)) - began);
      }
      return percentile(times, 0.5);
    };
    const whole = await trips();
    // Each byte is a write of its own. With Nagle's algorithm the second waits for an acknowledgement that waits, too.
    for (const stream of ['upstream', 'downstream'])
      await scene.addToxic({ type: 'slicer', stream, attributes: { average_size: 1 } });
    expect(await trips()).toBeLessThan(25 * whole);
  });
});

test('two proxies on two ports lead to two upstreams', async () => {
  const port = await listenOn(createServer((socket) => void socket.end('other')));
  const { json } = await scene.api('POST', '/proxies', {
    name: 'q',
    listen: '127.0.0.1:0',
    upstream: `127.0.0.1:${port}`,
  });
  const other = await dialTo(json.listen);
  await other.received(5);
  expect(String(other.bytes())).toBe('other');
});
