/** Proxies of the fault proxy over the API: what is made, kept, restarted and left untouched. */

import { createServer } from 'node:net';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  type Api,
  dialTo,
  freePort,
  listenOn,
  openApi,
  openScene,
  openUpstream,
  type Peer,
  portOf,
  staysFor,
} from './proxy-scene.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
});

const upstream = '127.0.0.1:1';
const shop = { name: 'shop', listen: '127.0.0.1:0', upstream };

/** A port that somebody else holds. */
async function takenAddress(): Promise<string> {
  return `127.0.0.1:${await listenOn(createServer())}`;
}

/** Both ways, so that it is no closed one that has not been told yet. */
async function isAlive(client: Peer, server: Peer): Promise<boolean> {
  const [up, down] = [server.bytes().length, client.bytes().length];
  client.send('?');
  server.send('!');
  await Promise.all([server.received(up + 1), client.received(down + 1)]);
  return true;
}

describe('Create', () => {
  test('enabled is true where nothing is said, and it listens', async () => {
    const { json } = await api('POST', '/proxies', shop);
    expect(json.enabled).toBe(true);
    await dialTo(json.listen);
  });

  test.for([
    ['127.0.0.1:0', /^127\.0\.0\.1:[1-9]\d*$/],
    ['localhost:0', /^127\.0\.0\.1:[1-9]\d*$/],
    [':0', /^\[::\]:[1-9]\d*$/],
    ['', /^\[::\]:[1-9]\d*$/],
    ['0.0.0.0:0', /^\[::\]:[1-9]\d*$/],
    ['[::]:0', /^\[::\]:[1-9]\d*$/],
    ['[::1]:0', /^\[::1\]:[1-9]\d*$/],
    ['[0:0::1]:0', /^\[::1\]:[1-9]\d*$/],
    ['localhost:', /^127\.0\.0\.1:[1-9]\d*$/],
  ] as const)('listen %j is answered with the real address', async ([listen, real]) => {
    const made = await api('POST', '/proxies', { ...shop, listen });
    expect(made).toMatchObject({ status: 201, json: { listen: expect.stringMatching(real) } });
    expect((await api('GET', '/proxies/shop')).json.listen).toBe(made.json.listen);
  });

  test('without listen it is every address of the machine, in both families', async () => {
    const { json } = await api('POST', '/proxies', { name: 'shop', upstream: (await openUpstream()).address });
    expect(json.listen).toMatch(/^\[::\]:[1-9]\d*$/);
    await dialTo(json.listen);
  });

  test('with enabled false nothing listens and listen stays as given', async () => {
    for (const listen of [undefined, '', 'localhost:0', 'nonsense', await takenAddress()]) {
      const made = await api('POST', '/proxies', { name: `off ${listen}`, upstream, listen, enabled: false });
      expect(made).toMatchObject({ status: 201, json: { listen: listen ?? '', enabled: false } });
    }
  });

  test.for([
    ['nonsense', 'listen tcp: address nonsense: missing port in address'],
    ['127.0.0.1:70000', 'listen tcp: address 70000: invalid port'],
    ['127.0.0.1:-1', 'listen tcp: address -1: invalid port'],
    ['127.0.0.1:x', 'listen tcp: address tcp/x: unknown port'],
    ['a:b:1', 'listen tcp: address a:b:1: too many colons in address'],
    ['[::1:0', "listen tcp: address [::1:0: missing ']' in address"],
    ['[::1]', 'listen tcp: address [::1]: missing port in address'],
    ['no-such-host.invalid:0', 'listen tcp: lookup no-such-host.invalid: no such host'],
    ['192.0.2.1:0', 'listen tcp 192.0.2.1:0: bind: cannot assign requested address'],
  ] as const)('listening on %j fails: 500, the fault named, nothing stored', async ([listen, error]) => {
    expect(await api('POST', '/proxies', { ...shop, listen })).toMatchObject({
      status: 500,
      json: { error, status: 500 },
    });
    expect((await api('GET', '/proxies')).json).toEqual({});
  });

  test('a port that is taken: 500, address already in use, nothing stored', async () => {
    const listen = await takenAddress();
    const error = `listen tcp ${listen}: bind: address already in use`;
    expect(await api('POST', '/proxies', { ...shop, listen })).toMatchObject({
      status: 500,
      json: { error, status: 500 },
    });
    expect((await api('GET', '/proxies')).json).toEqual({});
  });

  test('upstream is neither checked nor dialled', async () => {
    const real = await openUpstream();
    for (const lead of ['nonsense', 'no-such-host.invalid:1', real.address])
      expect(await api('POST', '/proxies', { ...shop, name: lead, upstream: lead })).toMatchObject({ status: 201 });
    expect(real.count()).toBe(0);
  });
});

describe('Update', () => {
  test('absent fields keep their value and the name is ignored', async () => {
    const made = (await api('POST', '/proxies', shop)).json;
    expect((await api('POST', '/proxies/shop', { name: 'other' })).json).toEqual(made);
    expect((await api('POST', '/proxies/shop', { enabled: false })).json).toEqual({ ...made, enabled: false });
    expect((await api('POST', '/proxies/shop', { upstream: 'x:1' })).json).toEqual({
      ...made,
      enabled: false,
      upstream: 'x:1',
    });
    expect((await api('GET', '/proxies/other')).status).toBe(404);
  });

  test('live connections survive what changes nothing, also the same listen by its host name', async () => {
    const scene = await openScene();
    const { client, server } = await scene.pair();
    for (const body of [
      {},
      { enabled: true },
      { listen: scene.listen },
      { listen: `localhost:${portOf(scene.listen)}` },
      { upstream: scene.upstream.address },
    ])
      expect((await scene.api('POST', '/proxies/p', body)).status).toBe(200);
    expect(await isAlive(client, server)).toBe(true);
  });

  test.for(['listen', 'upstream'])(
    'another %s closes all connections with FIN and restarts; toxics survive',
    async (field) => {
      const scene = await openScene();
      const other = await openUpstream();
      await scene.addToxic({ type: 'noop', name: 'stays' });
      const { client, server } = await scene.pair();
      const value = field === 'listen' ? '127.0.0.1:0' : other.address;
      const { json } = await scene.api('POST', '/proxies/p', { [field]: value });
      expect(json).toMatchObject({ enabled: true, toxics: [{ name: 'stays' }] });
      expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
      expect(json.listen === scene.listen).toBe(field === 'upstream');
      const again = await dialTo(json.listen);
      const reached = await (field === 'listen' ? scene.upstream : other).next();
      expect(await isAlive(again, reached)).toBe(true);
    },
  );

  test('a busy listen is 500, and the proxy stays disabled with the new listen', async () => {
    const listen = await takenAddress();
    await api('POST', '/proxies', shop);
    const refused = await api('POST', '/proxies/shop', { listen });
    expect(refused).toMatchObject({ status: 500, json: { error: expect.stringContaining('address already in use') } });
    expect((await api('GET', '/proxies/shop')).json).toMatchObject({ listen, enabled: false });
  });

  test('a listen that is no address is 500, and nothing has changed', async () => {
    const made = (await api('POST', '/proxies', shop)).json;
    const error = 'address nonsense: missing port in address';
    expect(await api('POST', '/proxies/shop', { listen: 'nonsense' })).toMatchObject({ status: 500, json: { error } });
    expect((await api('GET', '/proxies/shop')).json).toEqual(made);
  });

  test('disabling and enabling keeps port and toxics, and toxics may be added meanwhile', async () => {
    const scene = await openScene();
    await scene.addToxic({ type: 'noop', name: 'before' });
    const { client, server } = await scene.pair();
    const off = await scene.api('POST', '/proxies/p', { enabled: false });
    expect(off.json).toMatchObject({ enabled: false, listen: scene.listen });
    expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
    await expect(dialTo(scene.listen)).rejects.toThrow('ECONNREFUSED');
    expect((await scene.addToxic({ type: 'noop', name: 'meanwhile' })).status).toBe(200);
    const on = await scene.api('POST', '/proxies/p', { enabled: true });
    expect(on.json).toMatchObject({
      enabled: true,
      listen: scene.listen,
      toxics: [{ name: 'before' }, { name: 'meanwhile' }],
    });
    const again = await scene.pair();
    expect(await isAlive(again.client, again.server)).toBe(true);
  });

  test('one that was made disabled gets its port when it is enabled', async () => {
    await api('POST', '/proxies', { name: 'off', upstream, listen: 'localhost:0', enabled: false });
    const on = await api('POST', '/proxies/off', { enabled: true });
    expect(on.json).toMatchObject({ enabled: true, listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]/) });
  });

  test('changes of one proxy that are asked at the same time are made one after the other', async () => {
    await api('POST', '/proxies', shop);
    const wanted = Array.from({ length: 20 }, (_, at) => ({ enabled: at % 2 === 0, listen: '127.0.0.1:0' }));
    const answers = await Promise.all(wanted.map((body) => api('POST', '/proxies/shop', body)));
    expect(answers.map(({ status }) => status)).toEqual(wanted.map(() => 200));
    await api('POST', '/proxies/shop', { enabled: true });
    await dialTo((await api('GET', '/proxies/shop')).json.listen);
    await api('DELETE', '/proxies/shop');
    for (const { json } of answers) if (json.enabled) await expect(dialTo(json.listen)).rejects.toThrow('ECONNREFUSED');
  });
});

test('deleting a proxy closes its connections with FIN and frees its port and name', async () => {
  const scene = await openScene();
  const { client, server } = await scene.pair();
  await scene.api('DELETE', '/proxies/p');
  expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
  const again = await scene.api('POST', '/proxies', {
    name: 'p',
    listen: scene.listen,
    upstream: scene.upstream.address,
  });
  expect(again).toMatchObject({ status: 201, json: { listen: scene.listen } });
});

test('a connection of another proxy is not touched by any of this', async () => {
  const scene = await openScene();
  const { client, server } = await scene.pair();
  await scene.api('POST', '/proxies', shop);
  await scene.api('POST', '/proxies/shop', { listen: `127.0.0.1:${await freePort()}` });
  await scene.api('DELETE', '/proxies/shop');
  expect(await staysFor(20, client.ended)).toBe(true);
  expect(await isAlive(client, server)).toBe(true);
});
