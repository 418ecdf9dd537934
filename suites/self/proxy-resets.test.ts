/** The toxic reset_peer: which connections it marks, what fires it, and what waits for it. */

import { beforeEach, expect, test } from 'vitest';
import { openScene, type Scene, staysFor } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

const change = (name: string, body: object) => scene.api('POST', `/proxies/p/toxics/${name}`, body);
const remove = (name: string) => scene.api('DELETE', `/proxies/p/toxics/${name}`);
const disable = () => scene.api('POST', '/proxies/p', { enabled: false });

const reset = { type: 'reset_peer', name: 't' };

test.for(['upstream', 'downstream'])(
  '%s: waits for the first chunk, drops it, waits, and resets both sockets',
  async (stream) => {
    await scene.addToxic({ ...reset, stream, attributes: { timeout: 200 } });
    const { client, server } = await scene.rawPair();
    const [source, reader] = stream === 'upstream' ? [client, server] : [server, client];
    reader.send('passes');
    await source.received(6);
    expect(await staysFor(300, client.ended)).toBe(true);
    const began = performance.now();
    source.send('dropped');
    expect([(await client.ended).by, (await server.ended).by]).toEqual(['RST', 'RST']);
    expect((await reader.ended).at - began).toBeGreaterThanOrEqual(199);
    expect(reader.bytes().length).toBe(0);
  },
);

test('an end fires it as well', async () => {
  await scene.addToxic(reset);
  const { client, server } = await scene.rawPair();
  server.socket.end();
  expect((await client.ended).by).toBe('RST');
});

test('a connection that was opened before closes with FIN', async () => {
  const { client, server } = await scene.pair();
  await scene.addToxic(reset);
  server.send('x');
  expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
  expect(client.bytes().length).toBe(1);
});

test.for([
  ['disable', () => disable()],
  ['a normal end', null],
] as const)(
  'both sockets are marked from the start, whatever its toxicity: %s is a reset, even after it went',
  async ([, how]) => {
    await scene.addToxic({ ...reset, toxicity: 0, stream: 'upstream' });
    const { client, server } = await scene.pair();
    await remove('t');
    if (how) await how();
    else server.socket.end();
    expect((await client.ended).by).toBe('RST');
    if (how) expect((await server.ended).by).toBe('RST');
  },
);

test('armed with toxicity 0 and updated to 1, the next chunk of that stream fires it', async () => {
  await scene.addToxic({ ...reset, toxicity: 0, stream: 'upstream' });
  const { client, server } = await scene.pair();
  await change('t', { toxicity: 1 });
  server.send('other stream');
  await client.received(13);
  client.send('x');
  expect([(await client.ended).by, (await server.ended).by]).toEqual(['RST', 'RST']);
  expect(server.bytes().length).toBe(1);
});

test('while it waits, DELETE blocks until the wait is over, and the connection is reset all the same', async () => {
  await scene.addToxic({ ...reset, attributes: { timeout: 500 } });
  const { client, server } = await scene.rawPair();
  const began = performance.now();
  server.send('x');
  expect(await staysFor(100, client.ended)).toBe(true);
  expect((await remove('t')).status).toBe(204);
  expect(performance.now() - began).toBeGreaterThanOrEqual(499);
  expect((await client.ended).by).toBe('RST');
});

test('before the first chunk, removal lets everything pass', async () => {
  await scene.addToxic(reset);
  const { client, server } = await scene.rawPair();
  await remove('t');
  server.send('x');
  await client.received(1);
  expect(await staysFor(50, client.ended)).toBe(true);
});
