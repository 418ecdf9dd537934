/** Several toxics and several connections: order, toxicity, and changes while data flows. */

import { beforeEach, describe, expect, test } from 'vitest';
import { openScene, type Peer, type Scene, staysFor } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

const change = (name: string, body: object) => scene.api('POST', `/proxies/p/toxics/${name}`, body);
const remove = (name: string) => scene.api('DELETE', `/proxies/p/toxics/${name}`);
const isOpen = (peer: Peer) => staysFor(30, peer.ended);

describe('Order', () => {
  test('data meets toxics in order of creation', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'bandwidth', attributes: { rate: 10 } });
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 1_500 } });
    server.send(Buffer.alloc(2_000));
    await client.ended;
    // The other way round one piece of 1500 bytes would have been cut by the rate.
    expect(client.reads.map(({ size }) => size)).toEqual([1, 1000, 500]);
  });

  test('noop changes nothing', async () => {
    await scene.addToxic({ type: 'noop' });
    await scene.addToxic({ type: 'noop', stream: 'upstream' });
    const { client, server } = await scene.pair();
    const sent = Buffer.from(Array.from({ length: 300_000 }, (_, at) => at));
    server.socket.end(sent);
    await client.ended;
    expect(client.bytes().subarray(1).equals(sent)).toBe(true);
    expect((await server.ended).by).toBe('FIN');
  });

  test('what stands behind a closed toxic still counts: the end meets slow_close', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 3 } });
    await scene.addToxic({ type: 'slow_close', name: 's', attributes: { delay: 300 } });
    const began = performance.now();
    server.send('abcdef');
    await client.received(4);
    expect((await client.ended).at - began).toBeGreaterThanOrEqual(299);
    expect(String(client.bytes())).toBe('<abc');
  });

  test('and its removal lets the end pass at once', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 3 } });
    await scene.addToxic({ type: 'slow_close', name: 's', attributes: { delay: 600_000 } });
    server.send('abcdef');
    await client.received(4);
    await remove('s');
    expect((await client.ended).by).toBe('FIN');
  });

  test('a toxic taken out of the middle leaves the others at work, and the data in order', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slicer', attributes: { average_size: 2 } });
    await scene.addToxic({ type: 'latency', name: 'middle', attributes: { latency: 600_000 } });
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 12 } });
    server.send('0123456789');
    expect(await staysFor(50, client.received(2))).toBe(true);
    await remove('middle');
    await client.received(11);
    server.send('abcd');
    await client.ended;
    expect(String(client.bytes())).toBe('<0123456789ab');
  });
});

describe('Toxicity', () => {
  const connections = (count: number) => Promise.all(Array.from({ length: count }, () => scene.rawPair()));

  test('is drawn for each connection, not for each chunk', async () => {
    await scene.addToxic({ type: 'limit_data', toxicity: 0.5 });
    const pairs = await connections(60);
    const fates = await Promise.all(
      pairs.map(async ({ client, server }) => {
        server.send('x');
        const hit = await Promise.race([client.ended.then(() => true), client.received(1).then(() => false)]);
        if (hit) return true;
        for (let round = 2; round < 12; round += 1) {
          server.send('x');
          await client.received(round);
        }
        return false;
      }),
    );
    const struck = fates.filter(Boolean).length;
    // Out of 60 coins: less than 8 or more than 52 heads come once in a billion times.
    expect(struck).toBeGreaterThan(7);
    expect(struck).toBeLessThan(53);
  });

  test.for([
    [0, true],
    [1, false],
    [7, false],
    [-1, true],
  ] as const)('%d: spared is %s', async ([toxicity, spared]) => {
    await scene.addToxic({ type: 'limit_data', toxicity });
    const { client, server } = await scene.rawPair();
    server.send('x');
    if (spared) await client.received(1);
    else expect((await client.ended).by).toBe('FIN');
  });

  test('is drawn anew at each update of the toxic, on live connections', async () => {
    await scene.addToxic({ type: 'limit_data', name: 't', toxicity: 0 });
    const { client, server } = await scene.pair();
    await change('t', { toxicity: 1 });
    server.send('x');
    expect((await client.ended).by).toBe('FIN');
  });

  test.for(['added', 'removed'])('is drawn anew when its direct successor is %s', async (what) => {
    const pairs = await connections(40);
    await scene.addToxic({ type: 'timeout', toxicity: 0.5 });
    const reached = async (): Promise<boolean[]> => {
      const before = pairs.map(({ client }) => client.bytes().length);
      for (const { server } of pairs) server.send('x');
      // What is swallowed never comes: what has not come after a while, and some turns of the process, was.
      await staysFor(100, new Promise(() => undefined));
      for (let turn = 0; turn < 5; turn += 1) await scene.api('GET', '/version');
      return pairs.map(({ client }, at) => client.bytes().length > (before[at] ?? 0));
    };
    if (what === 'removed') await scene.addToxic({ type: 'noop', name: 'next' });
    const first = await reached();
    const again = await reached();
    expect(again).toEqual(first);
    if (what === 'added') await scene.addToxic({ type: 'noop', name: 'next' });
    else await remove('next');
    expect(await reached()).not.toEqual(first);
  });

  test('is drawn when the toxic is added to a live connection', async () => {
    const pairs = await connections(40);
    await scene.addToxic({ type: 'limit_data', toxicity: 0.5 });
    for (const { server } of pairs) server.send('x');
    const fates = await Promise.all(
      pairs.map(({ client }) =>
        Promise.race([client.ended.then(() => 'cut'), client.received(1).then(() => 'passed')]),
      ),
    );
    expect(new Set(fates)).toEqual(new Set(['cut', 'passed']));
  });
});

describe('Changes while data flows', () => {
  test('nothing is lost, doubled or swapped by toxics that come, change and go', async () => {
    const { client, server } = await scene.pair();
    const sent = Buffer.from(Uint32Array.from({ length: 500_000 }, (_, at) => at).buffer);
    server.socket.end(sent);
    for (let round = 0; round < 6; round += 1) {
      await scene.addToxic({ type: 'latency', name: 'l', attributes: { latency: 3, jitter: 2 } });
      await scene.addToxic({ type: 'slicer', name: 's', attributes: { average_size: 5_000, size_variation: 900 } });
      await scene.addToxic({ type: 'bandwidth', name: 'b', attributes: { rate: 3_000 } });
      await change('s', { toxicity: 0.5 });
      await change('b', { attributes: { rate: 5_000 } });
      for (const name of round % 2 === 0 ? ['l', 's', 'b'] : ['b', 's', 'l']) await remove(name);
    }
    await client.ended;
    expect(client.bytes().subarray(1).equals(sent)).toBe(true);
  });

  test('changes act on live connections before the API answers', async () => {
    const { client, server } = await scene.pair();
    for (let round = 0; round < 20; round += 1) {
      await scene.addToxic({ type: 'timeout', name: 't', toxicity: 0 });
      await change('t', { toxicity: 1 });
      server.send('x');
      await change('t', { toxicity: 0 });
    }
    expect(await isOpen(client)).toBe(true);
  });

  test('changes that are asked at the same time are made one after the other', async () => {
    const { client, server } = await scene.pair();
    const names = Array.from({ length: 15 }, (_, at) => `t${at}`);
    const made = await Promise.all(names.map((name) => scene.addToxic({ type: 'noop', name })));
    expect(made.map(({ status }) => status)).toEqual(names.map(() => 200));
    await Promise.all(names.map((name) => (name.endsWith('3') ? scene.api('POST', '/reset') : remove(name))));
    expect((await scene.api('GET', '/proxies/p/toxics')).json).toEqual([]);
    server.send('through');
    await client.received(8);
  });
});
