/** Latency, bandwidth and slicer: when which bytes leave, and what a change does to those that are held. */

import { beforeEach, describe, expect, test } from 'vitest';
import { openScene, type Peer, type Scene, staysFor } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

const streams = ['upstream', 'downstream'] as const;

/** Who sends and who receives on a stream. */
function ends(stream: string, { client, server }: { client: Peer; server: Peer }): { source: Peer; reader: Peer } {
  return stream === 'upstream' ? { source: client, reader: server } : { source: server, reader: client };
}

/** How long the source's bytes take to come. */
async function takes(source: Peer, reader: Peer, data: Buffer | string): Promise<number> {
  const before = reader.bytes().length;
  const began = performance.now();
  source.send(data);
  return (await reader.received(before + data.length)) - began;
}

const change = (name: string, body: object) => scene.api('POST', `/proxies/p/toxics/${name}`, body);
const remove = (name: string) => scene.api('DELETE', `/proxies/p/toxics/${name}`);

/** Timers keep to it, and to less than five times it on a machine that is busy. */
function about(measured: number, wanted: number): void {
  expect(measured).toBeGreaterThanOrEqual(wanted - 1);
  expect(measured).toBeLessThan(5 * wanted);
}

describe('latency', () => {
  test.for(streams)('delays this stream (%s) by so many milliseconds, and not the other', async (stream) => {
    const pair = await scene.pair();
    const { source, reader } = ends(stream, pair);
    await scene.addToxic({ type: 'latency', stream, attributes: { latency: 400 } });
    about(await takes(source, reader, 'x'), 400);
    expect(await takes(reader, source, 'y')).toBeLessThan(400);
  });

  test('jitter moves it by up to so much either way', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', attributes: { latency: 60, jitter: 50 } });
    const times: number[] = [];
    for (let round = 0; round < 12; round += 1) times.push(await takes(server, client, 'x'));
    expect(Math.min(...times)).toBeGreaterThanOrEqual(9);
    expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan(15);
  });

  test('pipelined chunks do not add up, and their order is kept', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', attributes: { latency: 200, jitter: 100 } });
    const began = performance.now();
    const sent = Array.from({ length: 10 }, (_, at) => `${at};`).join('');
    for (const piece of sent.match(/../g) ?? []) {
      server.send(piece);
      // So that each is read by itself.
      await scene.api('GET', '/version');
    }
    const elapsed = (await client.received(1 + sent.length)) - began;
    expect(String(client.bytes())).toBe(`<${sent}`);
    expect(elapsed).toBeGreaterThanOrEqual(99);
    expect(elapsed).toBeLessThan(1_000);
  });

  test('two latencies add', async () => {
    const { client, server } = await scene.pair();
    for (const name of ['a', 'b']) await scene.addToxic({ type: 'latency', name, attributes: { latency: 150 } });
    about(await takes(server, client, 'x'), 300);
  });

  test('an end is not delayed, but waits for the chunks ahead', async () => {
    const idle = await scene.pair();
    await scene.addToxic({ type: 'latency', attributes: { latency: 400 } });
    const began = performance.now();
    idle.server.socket.end();
    expect((await idle.client.ended).at - began).toBeLessThan(400);
    const busy = await scene.rawPair();
    const again = performance.now();
    busy.server.socket.end('x');
    about((await busy.client.ended).at - again, 400);
    expect(String(busy.client.bytes())).toBe('x');
  });

  test.for(['DELETE', 'update'])('%s: the chunk in hand leaves at once', async (how) => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', name: 't', attributes: { latency: 600_000 } });
    server.send('held');
    expect(await staysFor(50, client.received(2))).toBe(true);
    if (how === 'DELETE') await remove('t');
    else await change('t', { attributes: { latency: 500_000 } });
    await client.received(5);
    expect(String(client.bytes())).toBe('<held');
  });

  test('removal lets all that are held leave, in order', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', name: 't', attributes: { latency: 600_000 } });
    for (const piece of ['1', '2', '3', '4']) {
      server.send(piece);
      await scene.api('GET', '/version');
    }
    await remove('t');
    await client.received(5);
    expect(String(client.bytes())).toBe('<1234');
    expect(await takes(server, client, 'free')).toBeLessThan(1_000);
  });

  test('an update holds for what comes after it', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', name: 't', attributes: { latency: 600_000 } });
    await change('t', { attributes: { latency: 150 } });
    about(await takes(server, client, 'x'), 150);
  });

  test('a toxic that is added is not met by what is held before it', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'latency', attributes: { latency: 600_000 } });
    server.send('held');
    expect(await staysFor(50, client.received(2))).toBe(true);
    await scene.addToxic({ type: 'timeout' });
    await client.received(5);
    expect(String(client.bytes())).toBe('<held');
  });
});

describe('bandwidth', () => {
  test('a kB is 1000 bytes: what is above rate × 100 leaves in pieces of exactly that, one per 100 ms, the first after 100 ms', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', attributes: { rate: 10 } });
    const began = performance.now();
    server.send(Buffer.alloc(3_500));
    const elapsed = (await client.received(3_501)) - began;
    about(elapsed, 350);
    expect(client.reads.map(({ size }) => size)).toEqual([1, 1000, 1000, 1000, 500]);
    client.reads
      .slice(1, 4)
      .forEach(({ at }, piece) => void expect(at - began).toBeGreaterThanOrEqual(100 * (piece + 1) - 5));
  });

  test('a shorter one first waits bytes/rate milliseconds', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', attributes: { rate: 1 } });
    about(await takes(server, client, Buffer.alloc(90)), 90);
  });

  test('the rate holds over time', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', attributes: { rate: 1000 } });
    const elapsed = await takes(server, client, Buffer.alloc(600_000));
    expect(elapsed).toBeGreaterThan(500);
    expect(elapsed).toBeLessThan(2_000);
  });

  test('each connection has the rate for itself', async () => {
    const pairs = [await scene.pair(), await scene.pair(), await scene.pair()];
    await scene.addToxic({ type: 'bandwidth', attributes: { rate: 10 } });
    const times = await Promise.all(pairs.map(({ client, server }) => takes(server, client, Buffer.alloc(3_000))));
    // Shared, the last one would take three times as long.
    expect(Math.max(...times)).toBeLessThan(2.5 * Math.min(...times));
  });

  test('rate 0: data and the end behind it never pass, and the connection stays open', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', name: 't' });
    server.socket.end('x');
    expect(await staysFor(400, Promise.race([client.received(2), client.ended]))).toBe(true);
    await remove('t');
    expect((await client.ended).by).toBe('FIN');
    expect(String(client.bytes())).toBe('<x');
  });

  test('rate 0: an idle end passes', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth' });
    server.socket.end();
    expect((await client.ended).by).toBe('FIN');
  });

  test.for(['DELETE', 'update'])('%s: the rest leaves at once, nothing lost', async (how) => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', name: 't', attributes: { rate: 1 } });
    const sent = Buffer.from(Array.from({ length: 20_000 }, (_, at) => at));
    const began = performance.now();
    server.send(sent);
    await client.received(101);
    if (how === 'DELETE') await remove('t');
    else await change('t', { attributes: { rate: 1_000 } });
    expect((await client.received(1 + sent.length)) - began).toBeLessThan(10_000);
    expect(client.bytes().subarray(1).equals(sent)).toBe(true);
  });
});

describe('slicer', () => {
  const slices = { average_size: 128, size_variation: 0, delay: 20_000 };

  test('halves a chunk until the pieces are small: 1024 by 128 are 8 of 128, and it waits after each', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slicer', attributes: slices });
    const began = performance.now();
    server.send(Buffer.alloc(1024));
    const elapsed = (await client.received(1025)) - began;
    expect(client.reads.map(({ size }) => size)).toEqual([1, ...Array.from({ length: 8 }, () => 128)]);
    about(elapsed, 7 * 20);
    // The wait behind the last piece holds up what comes next.
    server.send('x');
    expect((await client.received(1026)) - began).toBeGreaterThanOrEqual(8 * 20 - 2);
  });

  test('cuts are shifted at random by up to the variation, and no piece is larger than average and variation', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slicer', attributes: { average_size: 100, size_variation: 30, delay: 5_000 } });
    const sent = Buffer.from(Array.from({ length: 2_000 }, (_, at) => at * 3));
    server.send(sent);
    await client.received(2_001);
    const sizes = client.reads.slice(1).map(({ size }) => size);
    expect(client.bytes().subarray(1).equals(sent)).toBe(true);
    expect(new Set(sizes).size).toBeGreaterThan(2);
    expect(sizes.length).toBeGreaterThanOrEqual(2_000 / 130);
  });

  test('the delay is in microseconds, and short ones add up', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slicer', attributes: { average_size: 10, delay: 500 } });
    const elapsed = await takes(server, client, Buffer.alloc(4_096));
    // 512 pieces of 8 bytes.
    expect(elapsed).toBeGreaterThanOrEqual(250);
    expect(elapsed).toBeLessThan(2_500);
  });

  test('removal: the rest leaves in one', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slicer', name: 't', attributes: { ...slices, delay: 600_000_000 } });
    server.send(Buffer.alloc(1024));
    await client.received(129);
    await remove('t');
    await client.received(1025);
    expect(client.reads.map(({ size }) => size)).toEqual([1, 128, 896]);
  });
});
