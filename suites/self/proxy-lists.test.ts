/** POST /populate and POST /reset of the fault proxy: what they make, leave, enable and remove. */

import { createServer } from 'node:net';
import { describe, expect, test } from 'vitest';
import { dialTo, freePort, listenOn, openApi, openScene, openUpstream, staysFor } from './proxy-scene.ts';

const upstream = '127.0.0.1:1';

describe('Populate', () => {
  test('nothing is created where one entry is wrong', async () => {
    const api = await openApi();
    const answer = await api('POST', '/populate', [{ name: 'a', upstream }, { name: 'b' }]);
    expect(answer).toMatchObject({ status: 400, json: { proxies: null } });
    expect((await api('GET', '/proxies')).json).toEqual({});
  });

  test.for(['[]', 'null'])('%s answers 201 and null', async (body) => {
    const api = await openApi();
    expect(await api('POST', '/populate', body)).toMatchObject({ status: 201, text: '{"proxies":null}' });
  });

  test('the same name, listen and upstream is untouched, even if enabled differs', async () => {
    const { api, listen, upstream: behind, pair, addToxic } = await openScene();
    await addToxic({ type: 'noop', name: 'stays' });
    const { client } = await pair();
    for (const [same, enabled] of [
      [listen, true],
      [listen, false],
      [listen.replace('127.0.0.1', 'localhost'), true],
    ] as const) {
      const answer = await api('POST', '/populate', [{ name: 'p', listen: same, upstream: behind.address, enabled }]);
      expect(answer).toMatchObject({
        status: 201,
        json: { proxies: [{ enabled: true, toxics: [{ name: 'stays' }] }] },
      });
    }
    expect(await staysFor(20, client.ended)).toBe(true);
    await api('POST', '/proxies/p', { enabled: false });
    const off = await api('POST', '/populate', [{ name: 'p', listen, upstream: behind.address, enabled: true }]);
    expect(off.json.proxies).toMatchObject([{ enabled: false }]);
  });

  test.for(['listen', 'upstream', 'port 0'])(
    'another %s: the old one is stopped, the new one has no toxics',
    async (what) => {
      const { api, listen, upstream: behind, pair, addToxic } = await openScene();
      const other = await openUpstream();
      await addToxic({ type: 'noop' });
      const { client, server } = await pair();
      const at = { listen: `127.0.0.1:${await freePort()}`, upstream: listen, 'port 0': '127.0.0.1:0' }[what];
      const lead = what === 'upstream' ? other.address : behind.address;
      const { json } = await api('POST', '/populate', [{ name: 'p', listen: at, upstream: lead }]);
      expect(json.proxies).toMatchObject([{ name: 'p', enabled: true, upstream: lead, toxics: [] }]);
      expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
      if (what !== 'upstream') await expect(dialTo(listen)).rejects.toThrow('ECONNREFUSED');
      await dialTo(json.proxies[0].listen);
      await (what === 'upstream' ? other : behind).next();
    },
  );

  test('proxies that are not named stay', async () => {
    const { api, pair } = await openScene();
    const { client } = await pair();
    await api('POST', '/populate', [{ name: 'other', upstream, listen: '127.0.0.1:0' }]);
    expect(Object.keys((await api('GET', '/proxies')).json)).toEqual(['other', 'p']);
    expect(await staysFor(20, client.ended)).toBe(true);
  });

  test('enabled false makes one that does not listen', async () => {
    const api = await openApi();
    const { json } = await api('POST', '/populate', [
      { name: 'a', upstream, enabled: false },
      { name: 'b', upstream, enabled: null },
    ]);
    expect(json.proxies).toMatchObject([{ enabled: false, listen: '' }, { enabled: true }]);
  });

  test('a failure half-way is 500 with error, status and the proxies done so far, which stay', async () => {
    const api = await openApi();
    const taken = `127.0.0.1:${await listenOn(createServer())}`;
    const list = [
      { name: 'a', upstream, listen: '127.0.0.1:0' },
      { name: 'b', upstream, listen: taken },
      { name: 'c', upstream },
    ];
    const { status, type, json } = await api('POST', '/populate', list);
    expect({ status, type }).toEqual({ status: 500, type: 'application/json' });
    expect(json).toEqual({
      error: expect.stringContaining('address already in use'),
      status: 500,
      proxies: [expect.objectContaining({ name: 'a', enabled: true })],
    });
    expect(Object.keys((await api('GET', '/proxies')).json)).toEqual(['a']);
    expect((await api('POST', '/populate', [list[1]])).json.proxies).toBeNull();
  });

  test('one that cannot be replaced stays, stopped', async () => {
    const { api, listen } = await openScene();
    const taken = `127.0.0.1:${await listenOn(createServer())}`;
    expect((await api('POST', '/populate', [{ name: 'p', upstream, listen: taken }])).status).toBe(500);
    expect((await api('GET', '/proxies/p')).json).toMatchObject({ listen, enabled: false });
  });
});

describe('Reset', () => {
  test('enables every proxy and removes every toxic', async () => {
    const { api, listen, addToxic } = await openScene();
    await addToxic({ type: 'latency', attributes: { latency: 60_000 } });
    await addToxic({ type: 'latency', stream: 'upstream' });
    await api('POST', '/proxies/p', { enabled: false });
    await api('POST', '/proxies', { name: 'off', upstream, listen: 'localhost:0', enabled: false });
    expect(await api('POST', '/reset')).toMatchObject({ status: 204, text: '' });
    const { p, off } = (await api('GET', '/proxies')).json;
    expect(p).toMatchObject({ enabled: true, listen, toxics: [] });
    expect(off).toMatchObject({ enabled: true, listen: expect.stringMatching(/^127\.0\.0\.1:[1-9]/) });
  });

  test('live connections survive with the effects of removal: held data leaves', async () => {
    const { api, pair, addToxic } = await openScene();
    const { client, server } = await pair();
    await addToxic({ type: 'latency', attributes: { latency: 600_000 } });
    await addToxic({ type: 'bandwidth', stream: 'upstream' });
    server.send('held');
    client.send('held too');
    await api('POST', '/reset');
    await Promise.all([client.received(5), server.received(9)]);
    expect([String(client.bytes()), String(server.bytes())]).toEqual(['<held', '>held too']);
  });

  test('a timeout takes its connections with it', async () => {
    const { api, pair, addToxic } = await openScene();
    const { client, server } = await pair();
    await addToxic({ type: 'timeout' });
    await api('POST', '/reset');
    expect([(await client.ended).by, (await server.ended).by]).toEqual(['FIN', 'FIN']);
  });

  test('a proxy whose port was taken meanwhile is 500', async () => {
    const { api } = await openScene();
    const taken = `127.0.0.1:${await listenOn(createServer())}`;
    await api('POST', '/proxies/p', { listen: taken });
    expect(await api('POST', '/reset')).toMatchObject({
      status: 500,
      json: { error: expect.stringContaining('in use') },
    });
  });
});
