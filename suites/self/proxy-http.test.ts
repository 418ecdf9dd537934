/** What the HTTP API of the fault proxy does at its edges: paths, methods, browsers, and bodies that are odd but good. */

import { once } from 'node:events';
import { connect } from 'node:net';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { startToxiproxy } from '../../chaos/proxy/server.ts';
import { type Api, apiOf, portOf } from './proxy-scene.ts';

let api: Api;
let url: string;
beforeEach(async () => {
  const toxiproxy = await startToxiproxy();
  onTestFinished(() => toxiproxy.close());
  url = toxiproxy.url;
  api = apiOf(url);
});

const shop = { name: 'shop', listen: '127.0.0.1:0', upstream: '127.0.0.1:1' };

/** Sends a path as it is: `fetch` tidies them up. */
async function raw(method: string, path: string): Promise<string> {
  const socket = connect(portOf(url), '127.0.0.1');
  socket.end(`${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
  let text = '';
  socket.on('data', (data) => {
    text += String(data);
  });
  await once(socket, 'close');
  return text;
}

test.for([
  '/',
  '/nothing',
  '/proxies/',
  '/proxies/shop/',
  '/proxies/shop/toxics/',
  '/Proxies',
  '/metrics',
  '/proxies/shop/toxic/x',
])('the path %s is unknown: 404 in plain text', async (path) => {
  await api('POST', '/proxies', shop);
  const { status, type, text } = await api('GET', path);
  expect({ status, type }).toEqual({ status: 404, type: 'text/plain; charset=utf-8' });
  expect(text).toBe('404 page not found\n');
});

test.for([
  ['DELETE', '/version'],
  ['GET', '/reset'],
  ['GET', '/populate'],
  ['PUT', '/proxies'],
  ['PATCH', '/proxies'],
  ['DELETE', '/proxies'],
  ['PUT', '/proxies/shop'],
  ['PATCH', '/proxies/shop/toxics'],
  ['PUT', '/proxies/shop/toxics/x'],
  ['HEAD', '/proxies'],
  ['OPTIONS', '/proxies'],
] as const)('%s %s is 405 and empty', async ([method, path]) => {
  expect(await api(method, path)).toMatchObject({ status: 405, text: '' });
});

test('a browser is refused on every route, by the beginning of its name alone', async () => {
  const as = (name: string) => ({ 'user-agent': name });
  for (const [method, path] of [
    ['GET', '/version'],
    ['GET', '/proxies'],
    ['POST', '/reset'],
    ['DELETE', '/proxies/shop'],
  ] as const) {
    const answer = await api(method, path, undefined, as('Mozilla/5.0 (X11; Linux x86_64)'));
    expect(answer).toMatchObject({ status: 403, type: 'text/plain; charset=utf-8' });
  }
  for (const name of ['curl/8 Mozilla/5.0', 'mozilla/5.0', 'Mozilla'])
    expect(await api('GET', '/version', undefined, as(name))).toMatchObject({ status: 200 });
});

test('names in paths are decoded', async () => {
  for (const name of ['a b', 'ä%', 'x?y', 'a+b']) {
    expect(await api('POST', '/proxies', { ...shop, name })).toMatchObject({ status: 201 });
    const path = `/proxies/${encodeURIComponent(name)}`;
    expect(await api('GET', path)).toMatchObject({ status: 200, json: { name } });
    expect(await api('POST', `${path}/toxics`, { type: 'noop', name })).toMatchObject({ status: 200 });
    expect(await api('GET', `${path}/toxics/${encodeURIComponent(name)}`)).toMatchObject({ json: { name } });
  }
  expect(await raw('GET', '/proxies/%zz')).toMatch(/^HTTP\/1\.1 400 /);
  expect(await raw('GET', '/proxies/%ff')).toMatch(/^HTTP\/1\.1 404 /);
});

test('an untidy path leads to the tidy one', async () => {
  expect(await raw('GET', '//proxies')).toMatch(/^HTTP\/1\.1 301 .*location: \/proxies\r\n/is);
  expect(await raw('GET', '/x/../version?a=1')).toMatch(/^HTTP\/1\.1 301 .*location: \/version\?a=1\r\n/is);
});

test('the content type and unknown fields of a request are ignored', async () => {
  const body = { ...shop, color: 'red', toxics: [{ type: 'latency' }], nested: { deep: [1.5e3] } };
  const answer = await api('POST', '/proxies', body, { 'content-type': 'text/html' });
  expect(answer).toMatchObject({ status: 201, json: { toxics: [] } });
  const toxic = await api('POST', '/proxies/shop/toxics', { type: 'latency', attributes: { latency: 1, color: 2 } });
  expect(toxic.json.attributes).toEqual({ latency: 1, jitter: 0 });
});

test('names of fields are read in any case, null keeps what was there, and what follows the first value is ignored', async () => {
  expect(await api('POST', '/proxies', { NAME: 'a', Upstream: shop.upstream, listen: '127.0.0.1:0' })).toMatchObject({
    status: 201,
    json: { name: 'a' },
  });
  expect(await api('POST', '/proxies', { ...shop, enabled: null })).toMatchObject({ json: { enabled: true } });
  const made = (await api('GET', '/proxies/shop')).json;
  expect(await api('POST', '/proxies/shop', 'null')).toMatchObject({ status: 200, json: made });
  expect(await api('POST', '/proxies/shop', '{"listen":null}{"enabled":false} rest')).toMatchObject({ json: made });
  expect(await api('POST', '/proxies/shop', '{"enabled":true,"enabled":false}')).toMatchObject({
    json: { enabled: false },
  });
});

test('a query is no part of the path', async () => {
  expect(await api('GET', '/proxies?x=1')).toMatchObject({ status: 200 });
});

test('errors of the API hold the code of the answer', async () => {
  const { status, json, type } = await api('GET', '/proxies/none');
  expect({ status, json, type }).toEqual({
    status: 404,
    type: 'text/plain; charset=utf-8',
    json: { error: 'proxy not found', status: 404 },
  });
});
