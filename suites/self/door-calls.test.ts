/** Calls of functions through a door: which one is meant, how arguments and results travel, which of them may write. */

import { describe, expect, test } from 'vitest';
import { fault, testRows } from './door-rows.ts';
import { doorScene } from './door-scene.ts';

const scene = doorScene();
const ana = { as: 'ana' } as const;
const prefer = (said: string) => ({ headers: { Prefer: said } });
const object = { headers: { Accept: 'application/vnd.pgrst.object+json' } };
const pairs = [
  { n: 1, word: 'one' },
  { n: 2, word: 'two' },
];

describe('a result', () => {
  testRows(scene, [
    { ask: 'POST /rpc/add', raw: '{"a": 1, "b": 2}', status: 200, body: 3, range: '0-0/*' },
    { ask: 'GET /rpc/add?a=1&b=2', status: 200, body: 3 },
    { ask: 'POST /rpc/nothing', status: 204, body: null, gets: { 'content-type': null } },
    { ask: 'POST /rpc/pairs', status: 200, body: pairs, range: '0-1/*' },
    { ask: 'GET /rpc/pairs?n=eq.2', status: 200, body: [{ n: 2, word: 'two' }] },
    {
      ask: 'GET /rpc/pairs?order=n.desc&limit=1&select=word',
      ...prefer('count=exact'),
      status: 206,
      body: [{ word: 'two' }],
      range: '0-0/2',
    },
    { ask: 'GET /rpc/pairs?offset=3', ...prefer('count=exact'), status: 416, body: fault('PGRST103'), range: '*/2' },
    { ask: 'GET /rpc/numbers?upto=3', status: 200, body: [1, 2, 3] },
    { ask: 'GET /rpc/numbers?upto=0', status: 200, body: [] },
    { ask: 'POST /rpc/here', status: 200, body: { x: 1, y: 2 } },
    { ask: 'POST /rpc/here?select=y', status: 200, body: { y: 2 } },
    { ask: 'POST /rpc/places?select=x', status: 200, body: [{ x: 1 }, { x: 2 }] },
    { ask: 'GET /rpc/outs?i=2', status: 200, body: { twice: 4, thrice: 6 } },
    { ask: 'GET /rpc/one_note?which=1&select=id,title', ...ana, status: 200, body: { id: 1, title: 'First' } },
    {
      ask: 'GET /rpc/my_notes?select=id,covers(colour)&order=id&limit=1',
      ...ana,
      status: 200,
      body: [{ id: 1, covers: { colour: 'green' } }],
    },
    { ask: 'GET /rpc/my_notes?select=id', status: 200, body: [] },
    { ask: 'GET /rpc/pairs?n=eq.1', ...object, status: 200, body: pairs[0] },
    { ask: 'GET /rpc/pairs', ...object, status: 406, body: fault('PGRST116') },
    { ask: 'HEAD /rpc/add?a=1', status: 200, body: null },
    { ask: 'POST /rpc/pairs', ...prefer('handling=strict, max-affected=1'), status: 400, body: fault('PGRST124') },
    {
      ask: 'POST /rpc/add',
      ...prefer('handling=strict, max-affected=1'),
      raw: '{"a": 1}',
      status: 400,
      body: fault('PGRST128'),
    },
  ]);
});

describe('arguments', () => {
  testRows(scene, [
    { ask: 'POST /rpc/add', raw: '{"a": 1}', status: 200, body: 11 },
    {
      ask: 'POST /rpc/kinds',
      raw: '{"j": {"a": 1}, "l": [1, 2], "t": "x"}',
      status: 200,
      body: { type: 'object', sum: 3, text: 'x' },
    },
    { ask: 'POST /rpc/kinds', raw: '{"j": 5}', status: 200, body: { type: 'number', sum: null, text: null } },
    { ask: 'POST /rpc/kinds', raw: '{"j": "5"}', status: 200, body: { type: 'string', sum: null, text: null } },
    { ask: 'POST /rpc/kinds', raw: '{"j": null}', status: 200, body: { type: null, sum: null, text: null } },
    { ask: 'GET /rpc/kinds?j={"a":[]}&l={4,5}', status: 200, body: { type: 'object', sum: 9, text: null } },
    { ask: 'POST /rpc/add', raw: '[{"a": 1, "b": 2}, {"a": 4, "b": 6}]', status: 200, body: 3 },
    { ask: 'POST /rpc/add?columns=a', raw: '{"a": 1, "b": 5}', status: 200, body: 11 },
    { ask: 'POST /rpc/add?a=1', raw: '{"a": 1}', status: 400, body: fault('PGRST100') },
    { ask: 'GET /rpc/add?a=5&a=1', status: 200, body: 11 },
    { ask: 'POST /rpc/joined', raw: '{"words": ["a", "b"]}', status: 200, body: 'a+b' },
    { ask: 'GET /rpc/joined?words=a&words=b', status: 200, body: 'a+b' },
    { ask: 'POST /rpc/whole', raw: '{"any": [1]}', status: 200, body: { got: { any: [1] } } },
    { ask: 'POST /rpc/whole', raw: '[1, 2]', status: 400, body: fault('PGRST102') },
    { ask: 'POST /rpc/add', raw: '{"a": "one"}', status: 400, body: fault('22P02') },
    { ask: 'POST /rpc/add', raw: '{"a": ', status: 400, body: fault('PGRST102') },
    {
      ask: 'POST /rpc/add',
      raw: '{"a": 1}',
      headers: { 'Content-Type': 'text/plain' },
      status: 501,
      body: fault('GATEWAY501'),
    },
    {
      ask: 'POST /rpc/add',
      raw: '{"a": 1}',
      headers: { 'Content-Type': 'image/png' },
      status: 400,
      body: fault('PGRST102'),
    },
  ]);
});

describe('which function is meant', () => {
  testRows(scene, [
    { ask: 'GET /rpc/by_count?a=1', status: 200, body: 'one' },
    { ask: 'GET /rpc/by_count?a=1&b=2', status: 200, body: 'two' },
    { ask: 'POST /rpc/twin', raw: '{"x": 1}', status: 300, body: fault('PGRST203') },
    { ask: 'POST /rpc/add', raw: '{"b": 1}', status: 404, body: fault('PGRST202') },
    { ask: 'POST /rpc/add', raw: '{"a": 1, "c": 1}', status: 404, body: fault('PGRST202') },
    { ask: 'GET /rpc/nowhere', status: 404, body: fault('PGRST202') },
    { ask: 'POST /rpc/hidden', status: 404, body: fault('PGRST202') },
    { ask: 'POST /rpc/whole', raw: '{"any": 1}', status: 200 },
    { ask: 'GET /rpc/whole?any=1', status: 404, body: fault('PGRST202') },
    { ask: 'PATCH /rpc/add', raw: '{}', status: 405, body: fault('PGRST101') },
    { ask: 'DELETE /rpc/add', status: 405, body: fault('PGRST101') },
  ]);

  test('what was not found is named as it was asked for', async () => {
    const got = await scene.send('POST', '/rpc/add', { body: { b: 1, z: 2 } });
    expect(got.body).toEqual({
      code: 'PGRST202',
      message: 'Could not find the function public.add(b, z) in the schema cache',
      details:
        'Searched for the function public.add with parameters b, z or with a single unnamed json/jsonb parameter, but no matches were found in the schema cache.',
      hint: null,
    });
  });
});

describe('a function that writes', () => {
  const left = async () => (await scene.database.admin.query('SELECT FROM public.plain WHERE a = 99')).rows.length;

  test('does not by GET', async () => {
    const got = await scene.send('GET', '/rpc/writes');
    expect(got).toMatchObject({ status: 405, body: { code: '25006' } });
    expect(await left()).toBe(0);
  });

  test('does not where it says that it is stable', async () => {
    await scene.database.admin.query('ALTER FUNCTION public.writes() STABLE');
    await scene.door.reload();
    expect(await scene.send('POST', '/rpc/writes')).toMatchObject({ status: 400, body: { code: '0A000' } });
    await scene.database.admin.query('ALTER FUNCTION public.writes() VOLATILE');
    await scene.door.reload();
    expect(await left()).toBe(0);
  });

  test('does by POST', async () => {
    expect(await scene.send('POST', '/rpc/writes')).toMatchObject({ status: 200, body: 99 });
    expect(await left()).toBe(1);
  });
});

test('a function that is made later is there after a reload', async () => {
  await scene.database.admin.query("CREATE FUNCTION public.late() RETURNS text LANGUAGE sql AS $$ SELECT 'here' $$");
  expect((await scene.send('POST', '/rpc/late')).status).toBe(404);
  await scene.door.reload();
  expect((await scene.send('POST', '/rpc/late')).body).toBe('here');
});

describe('a function that says how it is answered', () => {
  const answers = (code: string, named: string) => ({ raw: JSON.stringify({ code, named }) });
  testRows(scene, [
    {
      ask: 'POST /rpc/answers',
      ...answers('202', '[{"X-One": "1"}, {"x-two": "2"}]'),
      status: 202,
      gets: { 'x-one': '1', 'x-two': '2' },
    },
    {
      ask: 'POST /rpc/answers',
      ...answers('200', '[{"X-One": "1"}, {"X-One": "2"}, {"Content-Type": "text/x"}]'),
      status: 200,
      gets: { 'x-one': '1, 2', 'content-type': 'text/x' },
    },
    { ask: 'POST /rpc/answers', ...answers('204', '[]'), status: 204, body: null },
    {
      ask: 'POST /rpc/answers',
      ...answers('200', '[{"X-One": "1\\nX-Two: 2"}]'),
      status: 501,
      body: fault('GATEWAY501'),
    },
    { ask: 'POST /rpc/answers', ...answers('teapot', '[]'), status: 500, body: fault('PGRST112') },
    { ask: 'POST /rpc/answers', ...answers('200', '{"X-One": "1"}'), status: 500, body: fault('PGRST111') },
    { ask: 'POST /rpc/answers', ...answers('200', '[{"X-One": 1}]'), status: 500, body: fault('PGRST111') },
  ]);
});
