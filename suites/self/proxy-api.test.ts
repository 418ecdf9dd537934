/** The HTTP API of the fault proxy: every route, and every refusal with its code and text. */

import { beforeEach, describe, expect, test } from 'vitest';
import { type Api, openApi } from './proxy-scene.ts';

let api: Api;
beforeEach(async () => {
  api = await openApi();
});

const upstream = '127.0.0.1:1';
const shop = { name: 'shop', listen: '127.0.0.1:0', upstream };
const slow = { type: 'latency', name: 'slow', attributes: { latency: 5 } };

/** What a refusal looks like, whatever its code. */
function refusal(status: number, error: unknown) {
  return { status, json: { error, status } };
}

describe('Each route answers as the original does', () => {
  test('GET /version is 2.12.0', async () => {
    expect(await api('GET', '/version')).toMatchObject({ status: 200, json: { version: '2.12.0' } });
  });

  test('GET /proxies is a map by name, also of names that look like numbers', async () => {
    expect(await api('GET', '/proxies')).toMatchObject({ status: 200, type: 'application/json', json: {} });
    for (const name of ['b', '10', '9', '__proto__']) await api('POST', '/proxies', { ...shop, name });
    const { text, json } = await api('GET', '/proxies');
    expect([...text.matchAll(/"([^"]+)":\{"name"/g)].map(([, name]) => name)).toEqual(['10', '9', '__proto__', 'b']);
    expect(json['b']).toEqual({ ...shop, name: 'b', listen: expect.any(String), enabled: true, toxics: [] });
  });

  test('POST /proxies is 201 with the proxy', async () => {
    const made = await api('POST', '/proxies', shop);
    const listen = expect.stringMatching(/^127\.0\.0\.1:[1-9]\d*$/);
    expect(made).toMatchObject({ status: 201, json: { ...shop, listen, enabled: true, toxics: [] } });
    expect(Object.keys(made.json)).toEqual(['name', 'listen', 'upstream', 'enabled', 'toxics']);
  });

  test('POST /populate is 201 with the proxies in the order of the list', async () => {
    const answer = await api('POST', '/populate', [shop, { ...shop, name: 'a' }]);
    expect(answer.status).toBe(201);
    expect(answer.json.proxies.map(({ name }: { name: string }) => name)).toEqual(['shop', 'a']);
  });

  test('GET, POST and PATCH of a proxy are 200 with the proxy', async () => {
    const made = (await api('POST', '/proxies', shop)).json;
    expect(await api('GET', '/proxies/shop')).toMatchObject({ status: 200, json: made });
    for (const method of ['POST', 'PATCH'])
      expect(await api(method, '/proxies/shop', {})).toMatchObject({ status: 200, json: made });
  });

  test('DELETE of a proxy is 204 and empty, and it is gone', async () => {
    await api('POST', '/proxies', shop);
    expect(await api('DELETE', '/proxies/shop')).toMatchObject({ status: 204, text: '' });
    expect(await api('GET', '/proxies/shop')).toMatchObject({ status: 404 });
  });

  test('toxics are created with 200, listed as an array, shown, changed, and deleted with 204', async () => {
    await api('POST', '/proxies', shop);
    const toxic = { ...slow, attributes: { latency: 5, jitter: 0 }, stream: 'downstream', toxicity: 1 };
    expect(await api('GET', '/proxies/shop/toxics')).toMatchObject({ status: 200, json: [] });
    const made = await api('POST', '/proxies/shop/toxics', slow);
    expect(made).toMatchObject({ status: 200, type: 'application/json', json: toxic });
    expect(Object.keys(made.json)).toEqual(['attributes', 'name', 'type', 'stream', 'toxicity']);
    expect(await api('GET', '/proxies/shop/toxics')).toMatchObject({ status: 200, json: [toxic] });
    expect(await api('GET', '/proxies/shop/toxics/slow')).toMatchObject({ status: 200, json: toxic });
    for (const method of ['POST', 'PATCH'])
      expect(await api(method, '/proxies/shop/toxics/slow', {})).toMatchObject({ status: 200, json: toxic });
    expect(await api('DELETE', '/proxies/shop/toxics/slow')).toMatchObject({ status: 204, text: '' });
    expect(await api('GET', '/proxies/shop/toxics')).toMatchObject({ json: [] });
  });

  test('POST /reset is 204 and empty', async () => {
    expect(await api('POST', '/reset')).toMatchObject({ status: 204, text: '' });
  });

  test('toxics of a proxy: upstream ones first, then downstream, each in order of creation', async () => {
    await api('POST', '/proxies', shop);
    for (const [name, stream] of [
      ['d1', 'downstream'],
      ['u1', 'upstream'],
      ['d2', 'downstream'],
      ['u2', 'upstream'],
    ])
      await api('POST', '/proxies/shop/toxics', { type: 'noop', name, stream });
    const names = ({ json }: { json: { name: string }[] }) => json.map(({ name }) => name);
    expect(names(await api('GET', '/proxies/shop/toxics'))).toEqual(['u1', 'u2', 'd1', 'd2']);
    expect(names({ json: (await api('GET', '/proxies/shop')).json.toxics })).toEqual(['u1', 'u2', 'd1', 'd2']);
  });
});

describe('Each refusal has its code and text', () => {
  beforeEach(async () => {
    await api('POST', '/proxies', shop);
    await api('POST', '/proxies/shop/toxics', slow);
  });
  const bad = expect.stringMatching(/^bad request body: ./);

  const bodies = [
    '',
    ' ',
    '{',
    '{"name":',
    '{"name":"x"',
    'nonsense',
    '5',
    '"text"',
    'true',
    '{"name":5}',
    '{"name":"x\n"}',
  ];
  const places = [
    ['POST', '/proxies'],
    ['POST', '/populate'],
    ['POST', '/proxies/shop'],
    ['PATCH', '/proxies/shop'],
    ['POST', '/proxies/shop/toxics'],
    ['POST', '/proxies/shop/toxics/slow'],
  ] as const;
  test.for(places)('%s %s refuses what is malformed, empty or of a wrong shape', async ([method, path]) => {
    const isUpdate = path.endsWith('/slow');
    for (const body of bodies) {
      // Names are nothing to an update of a toxic, so they may be of any type there.
      if (isUpdate && body === '{"name":5}') continue;
      expect(await api(method, path, body), body).toMatchObject(
        path === '/populate' ? { status: 400, json: { error: bad, status: 400, proxies: null } } : refusal(400, bad),
      );
    }
    expect(await api(method, path, path === '/populate' ? '{}' : '[]')).toMatchObject({ status: 400 });
  });

  test.for([
    ['a list instead of a proxy', '/proxies', []],
    ['a name that is no text', '/proxies', { ...shop, name: 5 }],
    ['a listen that is no text', '/proxies', { ...shop, name: 'x', listen: 5 }],
    ['an enabled that is a text', '/proxies', { ...shop, name: 'x', enabled: 'true' }],
    ['an upstream that is no text', '/proxies/shop', { upstream: {} }],
    ['an element that is no proxy', '/populate', [5]],
    ['attributes that are a list', '/proxies/shop/toxics', { type: 'noop', attributes: [] }],
    ['a toxicity that is a text', '/proxies/shop/toxics', { type: 'noop', toxicity: '1' }],
    ['a stream that is no text', '/proxies/shop/toxics', { type: 'noop', stream: 1 }],
  ] as const)('%s is a bad request body', async ([, path, body]) => {
    expect(await api('POST', path, body)).toMatchObject({ status: 400, json: { error: bad } });
  });

  test('missing fields are named, the name first', async () => {
    expect(await api('POST', '/proxies', {})).toMatchObject(refusal(400, 'missing required field: name'));
    expect(await api('POST', '/proxies', { name: '', upstream })).toMatchObject(
      refusal(400, 'missing required field: name'),
    );
    expect(await api('POST', '/proxies', { name: 'x' })).toMatchObject(
      refusal(400, 'missing required field: upstream'),
    );
    expect(await api('POST', '/proxies', 'null')).toMatchObject(refusal(400, 'missing required field: name'));
  });

  test('in a list they are named with their place, counted from 1, and wrong types come before them', async () => {
    const missing = (field: string) => ({
      status: 400,
      json: { error: `missing required field: ${field} at proxy 2`, status: 400, proxies: null },
    });
    expect(await api('POST', '/populate', [shop, { upstream }])).toMatchObject(missing('name'));
    expect(await api('POST', '/populate', [shop, { name: 'x' }])).toMatchObject(missing('upstream'));
    expect(await api('POST', '/populate', [{}, { name: 5 }])).toMatchObject({ status: 400, json: { error: bad } });
  });

  test('a toxic that there is no type of, or no stream; the stream is looked at first', async () => {
    const refused = async (toxic: object, error: string) =>
      expect(await api('POST', '/proxies/shop/toxics', toxic)).toMatchObject(refusal(400, error));
    const stream = 'stream was invalid, can be either upstream or downstream';
    for (const type of ['nonsense', 'down', '', 'LATENCY']) await refused({ type }, 'invalid toxic type');
    await refused({}, 'invalid toxic type');
    await refused({ type: 'latency', stream: 'sideways' }, stream);
    await refused({ type: 'latency', stream: '' }, stream);
    await refused({ type: 'nonsense', stream: 'sideways' }, stream);
  });

  test('what is not there is 404, the proxy looked up before the toxic and before the body', async () => {
    const noProxy = refusal(404, 'proxy not found');
    for (const [method, path] of [
      ...['GET', 'POST', 'PATCH', 'DELETE'].flatMap((verb) => [
        [verb, '/proxies/none'],
        [verb, '/proxies/none/toxics/slow'],
      ]),
      ['GET', '/proxies/none/toxics'],
      ['POST', '/proxies/none/toxics'],
    ] as const)
      expect(await api(method, path, method === 'GET' ? undefined : '{'), `${method} ${path}`).toMatchObject(noProxy);
    for (const method of ['GET', 'POST', 'PATCH', 'DELETE'])
      expect(await api(method, '/proxies/shop/toxics/none', method === 'GET' ? undefined : '{')).toMatchObject(
        refusal(404, 'toxic not found'),
      );
  });

  test('what is there already is 409', async () => {
    expect(await api('POST', '/proxies', shop)).toMatchObject(refusal(409, 'proxy already exists'));
    expect(await api('POST', '/proxies/shop/toxics', { ...slow, stream: 'upstream' })).toMatchObject(
      refusal(409, 'toxic already exists'),
    );
  });

  test('a refused request changes nothing', async () => {
    const before = (await api('GET', '/proxies')).json;
    await api('POST', '/proxies/shop', { enabled: false, listen: 5 });
    await api('POST', '/proxies/shop/toxics/slow', { toxicity: 0, attributes: { latency: 'x' } });
    await api('POST', '/populate', [{ ...shop, name: 'new' }, {}]);
    expect((await api('GET', '/proxies')).json).toEqual(before);
  });
});
