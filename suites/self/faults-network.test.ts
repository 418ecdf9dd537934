/** Faults of the network as values: each breaks what it says, its healing leaves nothing of it, and the noop breaks nothing. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { controlOf } from '../../chaos/control.ts';
import type { Fault, Wire } from '../../chaos/faults/fault.ts';
import { networkFaults } from '../../chaos/faults/network.ts';
import { noop } from '../../chaos/faults/noop.ts';
import { toxicFault } from '../../chaos/faults/toxic.ts';
import { startToxiproxy } from '../../chaos/proxy/server.ts';
import { type Api, apiOf, dialTo, openUpstream, type Peer, staysFor, type Upstream } from './proxy-scene.ts';

interface Scene {
  readonly api: Api;
  readonly wire: Wire;
  readonly upstream: Upstream;
  /** Sends a word each way and tells what came of it. */
  talk(pair: Pair): Promise<Talk>;
  pair(): Promise<Pair>;
}

interface Pair {
  readonly client: Peer;
  readonly server: Peer;
}

/** How much arrived on each stream within a bounded time, whether all at once, and how the client was cut off. */
interface Talk {
  readonly up: number;
  readonly down: number;
  readonly pieces: number;
  readonly cut: 'FIN' | 'RST' | null;
  readonly took: number;
}

const word = 'hello, '.repeat(300);

async function openScene(): Promise<Scene> {
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  const upstream = await openUpstream();
  const control = controlOf(toxiproxy.url);
  const proxy = await control.createProxy({ name: 'wire', listen: '127.0.0.1:0', upstream: upstream.address });
  const pair = async () => {
    const client = await dialTo(proxy.listen);
    return { client, server: await upstream.next() };
  };
  return { api: apiOf(toxiproxy.url), wire: { proxy }, upstream, pair, talk };
}

async function talk({ client, server }: Pair): Promise<Talk> {
  const before = {
    up: server.bytes().length,
    down: client.bytes().length,
    reads: client.reads.length + server.reads.length,
  };
  const began = performance.now();
  client.send(word);
  server.send(word);
  const all = Promise.all([server.received(before.up + word.length), client.received(before.down + word.length)]);
  await staysFor(1_500, Promise.race([all, client.ended.then(() => server.ended)]));
  const took = performance.now() - began;
  const isCut = !(await staysFor(0, client.ended));
  return {
    up: server.bytes().length - before.up,
    down: client.bytes().length - before.down,
    pieces: client.reads.length + server.reads.length - before.reads,
    cut: isCut ? (await client.ended).by : null,
    took,
  };
}

/** What a talk on a connection that is open when the fault strikes shows of it. */
const shows: Readonly<Record<string, (said: Talk, lost: 'up' | 'down') => void>> = {
  noop: (said) => expect(said).toMatchObject({ up: word.length, down: word.length, pieces: 2, cut: null }),
  latency: (said) => {
    expect(said).toMatchObject({ up: word.length, down: word.length, cut: null });
    expect(said.took).toBeGreaterThanOrEqual(149);
  },
  bandwidth: (said, lost) => expect(said).toMatchObject({ [lost]: 0, cut: null }),
  slow_close: (said) => expect(said).toMatchObject({ up: word.length, down: word.length, cut: null }),
  timeout: (said, lost) => expect(said).toMatchObject({ [lost]: 0, cut: 'FIN' }),
  reset_peer: (said, lost) => expect(said).toMatchObject({ [lost]: 0, cut: 'RST' }),
  slicer: (said) => {
    expect(said).toMatchObject({ up: word.length, down: word.length, cut: null });
    expect(said.pieces).toBeGreaterThan(2);
  },
  limit_data: (said, lost) => expect(said).toMatchObject({ [lost]: 3, cut: 'FIN' }),
  down: (said) => expect(said).toMatchObject({ up: 0, down: 0, cut: 'FIN' }),
};

/** Armed where it must be, then open, then struck. */
async function struck(
  scene: Scene,
  fault: Fault<Wire>,
): Promise<{ readonly pair: Pair; readonly heal: () => Promise<void> }> {
  const disarm = await fault.arm?.(scene.wire);
  const pair = await scene.pair();
  await scene.talk(pair);
  const healing = await fault.apply(scene.wire);
  const heal = async () => {
    await healing();
    await disarm?.();
  };
  return { pair, heal };
}

describe.each(networkFaults)('$id', (fault) => {
  const [type = '', stream] = fault.id.split(':');

  test(`an open connection: ${fault.says}`, async () => {
    const scene = await openScene();
    const { pair } = await struck(scene, fault);
    shows[type]?.(await scene.talk(pair), stream === 'upstream' ? 'up' : 'down');
    expect(shows[type]).toBeDefined();
  });

  test('after its healing the proxy is as it was, and the next connection carries everything', async () => {
    const scene = await openScene();
    const before = (await scene.api('GET', '/proxies')).json;
    const { pair, heal } = await struck(scene, fault);
    pair.client.send('held');
    await heal();
    expect((await scene.api('GET', '/proxies')).json).toEqual(before);
    const said = await scene.talk(await scene.pair());
    expect(said).toMatchObject({ up: word.length, down: word.length, pieces: 2, cut: null });
  });
});

test('every toxic is a fault on both streams, beside the noop and down', () => {
  const types = ['latency', 'bandwidth', 'slow_close', 'timeout', 'reset_peer', 'slicer', 'limit_data'];
  const both = types.flatMap((type) => [`${type}:upstream`, `${type}:downstream`]);
  expect(networkFaults.map(({ id }) => id)).toEqual(['noop', ...both, 'down']);
});

test('healing lets nothing go that was held: what a latency delays is discarded', async () => {
  const scene = await openScene();
  const slow = toxicFault({ type: 'latency', stream: 'upstream', attributes: { latency: 600_000 }, says: 'late' });
  const { client, server } = await scene.pair();
  const heal = await slow.apply(scene.wire);
  client.send('COMMIT');
  await scene.api('GET', '/version');
  await heal();
  expect([(await client.ended).by, (await server.ended).by, server.bytes().length]).toEqual(['FIN', 'FIN', 0]);
});

test('the noop asks nothing of what it is applied to', async () => {
  const untouchable = new Proxy({}, { get: () => expect.unreachable('it was looked at') });
  const heal = await noop.apply(untouchable);
  await heal();
});

test('attributes are rounded, and what would end the official proxy is refused', async () => {
  const scene = await openScene();
  await toxicFault({ type: 'latency', stream: 'upstream', attributes: { latency: 1.6 }, says: 'late' }).apply(
    scene.wire,
  );
  expect((await scene.api('GET', '/proxies/wire/toxics')).json).toMatchObject([
    { attributes: { latency: 2, jitter: 0 } },
  ]);
  const sliced = { type: 'slicer', stream: 'upstream', says: 'in pieces' } as const;
  expect(() => toxicFault({ ...sliced, attributes: { average_size: 0.4 } })).toThrow(
    'slicer with average_size 0 would end',
  );
  expect(() => toxicFault({ ...sliced, attributes: {} })).toThrow('would end the fault proxy');
  expect(() => toxicFault({ ...sliced, type: 'bandwidth', attributes: { rate: -1 } })).toThrow(
    'bandwidth with rate -1',
  );
});
