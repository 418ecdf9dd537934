/** The official Node client drives the fault proxy as it drives the original. */

import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { controlOf } from '../../chaos/control.ts';
import { startToxiproxy } from '../../chaos/proxy/server.ts';
import { dialTo, openUpstream, type Upstream } from './proxy-scene.ts';

let control: ReturnType<typeof controlOf>;
let upstream: Upstream;
beforeEach(async () => {
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  control = controlOf(toxiproxy.url);
  upstream = await openUpstream();
});

const shop = () => ({ name: 'shop', listen: '127.0.0.1:0', upstream: upstream.address });

test('it tells the version as raw text', async () => {
  expect(JSON.parse(await control.getVersion())).toEqual({ version: '2.12.0' });
});

test('it makes, gets, lists, updates and removes a proxy', async () => {
  const proxy = await control.createProxy(shop());
  expect(proxy.listen).toMatch(/^127\.0\.0\.1:[1-9]/);
  await dialTo(proxy.listen);
  expect((await control.get('shop')).toJson()).toEqual(proxy.toJson());
  expect(Object.keys(await control.getAll())).toEqual(['shop']);
  const off = await proxy.update({ enabled: false, listen: proxy.listen, upstream: upstream.address });
  expect(off.toJson()).toEqual({ ...proxy.toJson(), enabled: false });
  await expect(dialTo(proxy.listen)).rejects.toThrow('ECONNREFUSED');
  await proxy.remove();
  expect(await control.getAll()).toEqual({});
});

test('it populates, and throws where it populates nothing', async () => {
  expect(Object.keys(await control.populate([shop(), { ...shop(), name: 'other' }]))).toEqual(['shop', 'other']);
  await expect(control.populate([])).rejects.toThrow();
});

test('it adds, gets, updates and removes a toxic, and resets', async () => {
  const proxy = await control.createProxy(shop());
  const body = { name: 'slow', type: 'latency', stream: 'upstream', toxicity: 1 } as const;
  const toxic = await proxy.addToxic({ ...body, attributes: { latency: 50, jitter: 0 } });
  expect(toxic.toJson()).toEqual({ ...body, attributes: { latency: 50, jitter: 0 } });
  expect((await proxy.getToxic('slow')).toJson()).toEqual(toxic.toJson());
  const slower = await toxic.update({ ...toxic.toJson(), attributes: { latency: 90, jitter: 0 } });
  expect(slower.attributes).toEqual({ latency: 90, jitter: 0 });
  await slower.remove();
  await expect(proxy.getToxic('slow')).rejects.toThrow('Request failed with status code 404');
  await proxy.addToxic({ ...body, attributes: { latency: 50, jitter: 0 } });
  await control.reset();
  await expect(proxy.getToxic('slow')).rejects.toThrow('Request failed with status code 404');
});

test('its errors hold the code', async () => {
  await control.createProxy(shop());
  await expect(control.createProxy(shop())).rejects.toThrow('Request failed with status code 409');
  await expect(control.get('none')).rejects.toThrow('Request failed with status code 404');
});
