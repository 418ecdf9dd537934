/** Toxics of the fault proxy over the API: their defaults, names, attributes and updates. */

import { beforeEach, expect, test } from 'vitest';
import { openScene, type Scene } from './proxy-scene.ts';

let scene: Scene;
beforeEach(async () => {
  scene = await openScene();
});

const zeros = {
  noop: {},
  latency: { latency: 0, jitter: 0 },
  bandwidth: { rate: 0 },
  slow_close: { delay: 0 },
  timeout: { timeout: 0 },
  reset_peer: { timeout: 0 },
  slicer: { average_size: 0, size_variation: 0, delay: 0 },
  limit_data: { bytes: 0 },
} as const;

test.for(Object.entries(zeros))(
  '%s: downstream, toxicity 1, named after type and stream, attributes 0',
  async ([type, attributes]) => {
    const expected = { attributes, name: `${type}_downstream`, type, stream: 'downstream', toxicity: 1 };
    const { status, json } = await scene.addToxic({ type });
    expect({ status, json }).toEqual({ status: 200, json: expected });
    expect((await scene.addToxic({ type, stream: 'upstream' })).json).toMatchObject({
      name: `${type}_upstream`,
      stream: 'upstream',
    });
  },
);

test.for(['UPSTREAM', 'Upstream', 'DownStream'])('the stream %s is understood and echoed as given', async (stream) => {
  const { status, json } = await scene.addToxic({ type: 'noop', stream });
  expect({ status, json }).toMatchObject({ status: 200, json: { stream, name: `noop_${stream}` } });
  await scene.addToxic({ type: 'noop', name: 'd' });
  const first = (await scene.api('GET', '/proxies/p/toxics')).json[0].name;
  expect(first).toBe(`noop_${stream}`);
});

test('names are unique over both streams', async () => {
  await scene.addToxic({ type: 'noop', name: 'x' });
  const again = await scene.addToxic({ type: 'latency', name: 'x', stream: 'upstream' });
  expect(again).toMatchObject({ status: 409, json: { error: 'toxic already exists', status: 409 } });
});

test('an empty name is none', async () => {
  expect((await scene.addToxic({ type: 'noop', name: '' })).json.name).toBe('noop_downstream');
});

test.for([1.5, '5', true, [], {}, '', 1e19])('an attribute of %j is refused', async (latency) => {
  const bad = { status: 400, json: { error: expect.stringMatching(/^bad request body: ./), status: 400 } };
  expect(await scene.addToxic({ type: 'latency', attributes: { latency } })).toMatchObject(bad);
  await scene.addToxic({ type: 'latency' });
  const path = '/proxies/p/toxics/latency_downstream';
  expect(await scene.api('POST', path, { attributes: { latency } })).toMatchObject(bad);
  expect((await scene.api('GET', path)).json.attributes).toEqual(zeros.latency);
});

test.for(['5.0', '5e0', '05', '+5', '9223372036854775808'])(
  'an attribute written as %s is refused, too',
  async (written) => {
    expect((await scene.addToxic({})).status).toBe(400);
    const body = `{"type":"latency","attributes":{"latency":${written}}}`;
    expect((await scene.api('POST', '/proxies/p/toxics', body)).status).toBe(400);
  },
);

test('unknown attributes are dropped, null is absent, any case is read', async () => {
  const { json } = await scene.addToxic({ type: 'latency', attributes: { LATENCY: 7, jitter: null, rate: 5, x: 1.5 } });
  expect(json.attributes).toEqual({ latency: 7, jitter: 0 });
  expect((await scene.addToxic({ type: 'noop', attributes: null })).json.attributes).toEqual({});
});

test.for([-1, 0, 0.25, 1, 2, 1e6])('toxicity %d is taken as it is', async (toxicity) => {
  expect((await scene.addToxic({ type: 'noop', toxicity })).json.toxicity).toBe(toxicity);
});

test('an update merges attributes; name, type and stream are ignored; toxicity 0 is a value', async () => {
  await scene.addToxic({ type: 'latency', name: 'slow', attributes: { latency: 7, jitter: 3 }, toxicity: 0.5 });
  const update = async (body: unknown) => (await scene.api('PATCH', '/proxies/p/toxics/slow', body)).json;
  const before = {
    attributes: { latency: 7, jitter: 3 },
    name: 'slow',
    type: 'latency',
    stream: 'downstream',
    toxicity: 0.5,
  };
  expect(await update({})).toEqual(before);
  expect(await update({ name: 'x', type: 'bandwidth', stream: 'upstream' })).toEqual(before);
  expect(await update({ name: 5, type: 5, stream: 5, attributes: null, toxicity: null })).toEqual(before);
  expect(await update({ attributes: { jitter: 4, rate: 9 } })).toEqual({
    ...before,
    attributes: { latency: 7, jitter: 4 },
  });
  expect(await update({ toxicity: 0 })).toEqual({ ...before, attributes: { latency: 7, jitter: 4 }, toxicity: 0 });
  expect(await update({ attributes: { latency: 0 } })).toMatchObject({
    attributes: { latency: 0, jitter: 4 },
    toxicity: 0,
  });
});

test('there is no down toxic', async () => {
  expect(await scene.addToxic({ type: 'down' })).toMatchObject({ status: 400, json: { error: 'invalid toxic type' } });
});

test('what kills the original is refused: a negative rate, pieces of no size', async () => {
  const bad = { status: 400, json: { error: expect.stringMatching(/^bad request body: ./) } };
  expect(await scene.addToxic({ type: 'bandwidth', attributes: { rate: -1 } })).toMatchObject(bad);
  expect(await scene.addToxic({ type: 'slicer', attributes: { average_size: 0 } })).toMatchObject(bad);
  await scene.addToxic({ type: 'bandwidth', name: 'b', attributes: { rate: 5 } });
  expect(await scene.api('POST', '/proxies/p/toxics/b', { attributes: { rate: -1 } })).toMatchObject(bad);
  expect((await scene.api('GET', '/proxies/p/toxics/b')).json.attributes).toEqual({ rate: 5 });
});

test('a slicer that nobody gave a size lets data through whole', async () => {
  const { client, server } = await scene.pair();
  await scene.addToxic({ type: 'slicer', attributes: { delay: 1_000_000 } });
  server.send(Buffer.alloc(1000));
  await client.received(1001);
  expect(client.reads.map(({ size }) => size)).toEqual([1, 1000]);
});
