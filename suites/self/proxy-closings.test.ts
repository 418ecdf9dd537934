/** The toxics that close or swallow: slow_close, timeout and limit_data, and their removal from live connections. */

import { beforeEach, describe, expect, test } from 'vitest';
import { openScene, type Scene, staysFor } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

const change = (name: string, body: object) => scene.api('POST', `/proxies/p/toxics/${name}`, body);
const remove = (name: string) => scene.api('DELETE', `/proxies/p/toxics/${name}`);

describe('slow_close', () => {
  test('data passes; the end of this stream waits', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slow_close', attributes: { delay: 300 } });
    const began = performance.now();
    server.socket.end('last');
    expect((await client.received(5)) - began).toBeLessThan(300);
    const { by, at } = await client.ended;
    expect(by).toBe('FIN');
    expect(at - began).toBeGreaterThanOrEqual(299);
  });

  test('removal: the end passes at once', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slow_close', name: 't', attributes: { delay: 600_000 } });
    server.socket.end('x');
    expect(await staysFor(50, client.ended)).toBe(true);
    await remove('t');
    expect((await client.ended).by).toBe('FIN');
  });

  test('an update starts the wait anew', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'slow_close', name: 't', attributes: { delay: 600_000 } });
    server.socket.end('x');
    await client.received(2);
    const began = performance.now();
    await change('t', { attributes: { delay: 200 } });
    expect((await client.ended).at - began).toBeGreaterThanOrEqual(199);
  });
});

describe('timeout', () => {
  test.for(['upstream', 'downstream'])('swallows the %s stream and closes after so long', async (stream) => {
    const { client, server } = await scene.pair();
    const [source, reader] = stream === 'upstream' ? [client, server] : [server, client];
    await scene.addToxic({ type: 'timeout', stream, attributes: { timeout: 300 } });
    const began = performance.now();
    source.send('swallowed');
    reader.send('passes');
    await source.received(7);
    const ended = [await reader.ended, await source.ended];
    expect(ended.map(({ by }) => by)).toEqual(['FIN', 'FIN']);
    expect((ended[0]?.at ?? 0) - began).toBeGreaterThanOrEqual(290);
    expect(reader.bytes().length).toBe(1);
  });

  test('each chunk restarts the timer, and the other stream does not', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'timeout', attributes: { timeout: 300 } });
    const began = performance.now();
    let last = began;
    for (let sent = 0; sent < 4; sent += 1) {
      expect(await staysFor(120, client.ended)).toBe(true);
      last = performance.now();
      server.send('x');
    }
    expect((await client.ended).at - last).toBeGreaterThanOrEqual(295);
    const other = await scene.rawPair();
    const again = performance.now();
    while (await staysFor(60, other.client.ended)) other.client.send('x');
    expect((await other.client.ended).at - again).toBeLessThan(4 * 300);
  });

  test('0 never closes, and keeps reading', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'timeout' });
    for (let block = 0; block < 16; block += 1) {
      await new Promise<void>((resolve) => void server.socket.write(Buffer.alloc(1_000_000), () => resolve()));
    }
    expect(await staysFor(300, client.ended)).toBe(true);
    expect(client.bytes().length).toBe(1);
  });

  test.for([0, 600_000])('an end passes at once (timeout %d)', async (timeout) => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'timeout', attributes: { timeout } });
    server.socket.end('swallowed');
    expect((await client.ended).by).toBe('FIN');
    expect(client.bytes().length).toBe(1);
  });

  test.for([1, 0])(
    'removal closes the connection with FIN, also one that it spared (toxicity %d); the data is gone',
    async (toxicity) => {
      const { client, server } = await scene.pair();
      await scene.addToxic({ type: 'timeout', name: 't', toxicity });
      server.send('x');
      if (toxicity === 0) await client.received(2);
      else expect(await staysFor(50, client.received(2))).toBe(true);
      await remove('t');
      expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
      expect(client.bytes().length).toBe(toxicity === 0 ? 2 : 1);
    },
  );

  test('an update does not close, and restarts the timer', async () => {
    const { client } = await scene.pair();
    await scene.addToxic({ type: 'timeout', name: 't', attributes: { timeout: 400 } });
    expect(await staysFor(200, client.ended)).toBe(true);
    const began = performance.now();
    await change('t', {});
    expect((await client.ended).at - began).toBeGreaterThanOrEqual(399);
  });
});

describe('limit_data', () => {
  test.for(['upstream', 'downstream'])('%s: passes exactly that many, then closes with FIN', async (stream) => {
    const { client, server } = await scene.pair();
    const [source, reader] = stream === 'upstream' ? [client, server] : [server, client];
    await scene.addToxic({ type: 'limit_data', stream, attributes: { bytes: 10 } });
    source.send('0123456789abc');
    expect((await reader.ended).by).toBe('FIN');
    expect(String(reader.bytes()).slice(1)).toBe('0123456789');
    expect((await source.ended).by).toBe('FIN');
  });

  test('it closes also when the limit is just reached, over several chunks', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 4 } });
    server.send('ab');
    await client.received(3);
    expect(await staysFor(50, client.ended)).toBe(true);
    server.send('cd');
    expect((await client.ended).by).toBe('FIN');
    expect(String(client.bytes())).toBe('<abcd');
  });

  test('0: the first chunk closes it, and nothing passes; idle stays', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data' });
    expect(await staysFor(100, client.ended)).toBe(true);
    server.send('x');
    expect((await client.ended).by).toBe('FIN');
    expect(client.bytes().length).toBe(1);
  });

  test('it counts from when it was added, each connection and stream for itself', async () => {
    const { client, server } = await scene.pair();
    server.send('before');
    await client.received(7);
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 3 } });
    const other = await scene.rawPair();
    server.send('ab');
    other.server.send('ab');
    client.send('much more than that');
    await Promise.all([client.received(9), other.client.received(2), server.received(20)]);
    server.send('cd');
    await client.ended;
    expect(String(client.bytes())).toBe('<beforeabc');
    expect(await staysFor(50, other.client.ended)).toBe(true);
  });

  test('an update keeps the count; lowered below it, it closes at the next chunk', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', name: 't', attributes: { bytes: 10 } });
    server.send('abcd');
    await client.received(5);
    await change('t', { attributes: { bytes: 6 } });
    server.send('e');
    await client.received(6);
    await change('t', { attributes: { bytes: 2 } });
    expect(await staysFor(50, client.ended)).toBe(true);
    server.send('f');
    await client.ended;
    expect(String(client.bytes())).toBe('<abcde');
  });

  test('removal: it passes again', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', name: 't', attributes: { bytes: 2 } });
    server.send('a');
    await client.received(2);
    await remove('t');
    server.send('bcdef');
    await client.received(7);
    expect(String(client.bytes())).toBe('<abcdef');
  });

  test('what was cut off is lost to the source, too: large data ends in a reset', async () => {
    const { client, server } = await scene.pair();
    await scene.addToxic({ type: 'limit_data', attributes: { bytes: 100 } });
    server.send(Buffer.alloc(4_000_000));
    expect((await client.ended).by).toBe('FIN');
    expect(client.bytes().length).toBe(101);
    expect((await server.ended).by).toBe('RST');
  });
});
