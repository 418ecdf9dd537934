/** Writes through a door: what is stored, what is answered, what undoes it. */

import { describe, expect, test } from 'vitest';
import { fault, testRows } from './door-rows.ts';
import { BEN, doorScene } from './door-scene.ts';

const scene = doorScene();
const ana = { as: 'ana' } as const;
const prefer = (said: string) => ({ headers: { Prefer: said } });
const full = prefer('return=representation');
const stored = async (sql: string) => (await scene.database.admin.query(sql)).rows;

describe('an insert', () => {
  testRows(scene, [
    { ask: 'POST /plain', body: null, ...{ raw: '{"a": 201}' }, status: 201, range: '*/*' },
    {
      ask: 'POST /plain',
      ...full,
      raw: '{"a": 202}',
      status: 201,
      body: [{ a: 202, b: 7, c: 'see' }],
      gets: { 'preference-applied': 'return=representation' },
    },
    {
      ask: 'POST /plain?select=c',
      ...full,
      raw: '[{"a": 203}, {"a": 204, "c": null}]',
      status: 400,
      body: fault('PGRST102'),
    },
    {
      ask: 'POST /plain?columns=a,c',
      ...full,
      raw: '[{"a": 205}, {"a": 206, "c": "x"}]',
      status: 201,
      body: [
        { a: 205, b: 7, c: null },
        { a: 206, b: 7, c: 'x' },
      ],
    },
    {
      ask: 'POST /plain?columns=a,c',
      ...prefer('return=representation, missing=default'),
      raw: '[{"a": 207}, {"a": 208, "c": null}]',
      status: 201,
      body: [
        { a: 207, b: 7, c: 'see' },
        { a: 208, b: 7, c: null },
      ],
    },
    { ask: 'POST /plain', ...full, raw: '{}', status: 201, body: [{ a: null, b: 7, c: 'see' }] },
    { ask: 'POST /plain', ...full, raw: '[]', status: 201, body: [] },
    { ask: 'POST /plain', raw: '{"a": ', status: 400, body: fault('PGRST102') },
    { ask: 'POST /plain', raw: '', status: 400, body: fault('PGRST102') },
    { ask: 'POST /plain', raw: '{"nowhere": 1}', status: 400, body: fault('PGRST204') },
    { ask: 'POST /plain', raw: '{"a": "one"}', status: 400, body: fault('22P02') },
    {
      ask: 'POST /plain',
      ...prefer('return=representation, count=exact'),
      raw: '{"a": 209}',
      status: 201,
      range: '*/1',
      body: [{ a: 209, b: 7, c: 'see' }],
    },
    {
      ask: 'POST /notes',
      ...ana,
      ...prefer('return=headers-only'),
      raw: '{"id": 60, "title": "New"}',
      status: 201,
      body: null,
      gets: { location: '/notes?id=eq.60' },
    },
    {
      ask: 'POST /note_labels',
      ...prefer('return=headers-only'),
      raw: '{"note": 1, "label": 7}',
      status: 409,
      body: fault('23503'),
    },
    { ask: 'POST /notes', ...ana, raw: '{"title": ""}', status: 400, body: fault('23514') },
    { ask: 'POST /notes', ...ana, raw: '{"title": null}', status: 400, body: fault('23502') },
    { ask: 'POST /notes', ...ana, raw: `{"title": "Forged", "owner": "${BEN}"}`, status: 403, body: fault('42501') },
    { ask: 'POST /notes', raw: `{"title": "Forged", "owner": "${BEN}"}`, status: 401, body: fault('42501') },
    {
      ask: 'POST /notes?select=title,by:owner(name)',
      ...ana,
      ...full,
      raw: '{"title": "Mine"}',
      status: 201,
      body: [{ title: 'Mine', by: { name: 'Ana' } }],
    },
    { ask: 'POST /partly', ...prefer('return=minimal'), raw: '{"id": 2, "secret": "s"}', status: 201, body: null },
    { ask: 'POST /partly', ...full, raw: '{"id": 3, "secret": "s"}', status: 401, body: fault('42501') },
    { ask: 'POST /partly?select=open', ...full, raw: '{"id": 4, "secret": "s"}', status: 201, body: [{ open: null }] },
    { ask: 'POST /later', raw: '{"id": 1, "twin": 2}', status: 409, body: fault('23503') },
  ]);

  test('one poisoned row of many leaves none behind', async () => {
    const got = await scene.send('POST', '/labels', {
      body: [
        { id: 10, word: 'new' },
        { id: 11, word: 'red' },
      ],
    });
    expect([got.status, await stored('SELECT FROM public.labels WHERE id IN (10, 11)')]).toEqual([409, []]);
  });

  test('a constraint that is checked at the end leaves nothing behind', async () => {
    const got = await scene.send('POST', '/later', { body: { id: 9, twin: 8 }, ...full });
    expect([got.status, await stored('SELECT FROM public.later WHERE id = 9')]).toEqual([409, []]);
  });
});

describe('an update', () => {
  testRows(scene, [
    { ask: 'PATCH /plain?a=eq.1', raw: '{"b": 70}', status: 204, body: null, range: '0-0/*' },
    {
      ask: 'PATCH /plain?a=eq.2',
      ...full,
      raw: '{"b": 70}',
      status: 200,
      body: [{ a: 2, b: 70, c: '2' }],
      range: '0-0/*',
    },
    { ask: 'PATCH /plain?a=eq.0', ...full, raw: '{"b": 70}', status: 200, body: [], range: '*/*' },
    { ask: 'PATCH /plain?a=eq.0', ...prefer('count=exact'), raw: '{"b": 70}', status: 204, body: null, range: '*/0' },
    {
      ask: 'PATCH /plain?a=lt.5&select=a',
      ...prefer('return=representation, count=exact'),
      raw: '{"b": 71}',
      status: 200,
      body: expect.arrayContaining([{ a: 1 }, { a: 2 }, { a: 3 }, { a: 4 }]),
      range: '0-3/4',
    },
    { ask: 'PATCH /plain?a=eq.1', ...full, raw: '{}', status: 200, body: [], range: '*/*' },
    {
      ask: 'PATCH /plain?a=eq.3',
      ...prefer('return=representation, missing=default'),
      raw: '{"b": null}',
      status: 200,
      body: [{ a: 3, b: null, c: '3' }],
    },
    { ask: 'PATCH /notes?id=eq.2', as: 'ben', ...full, raw: '{"title": "Taken"}', status: 200, body: [] },
    { ask: 'PATCH /notes?id=eq.4', ...ana, ...full, raw: '{"title": "Taken"}', status: 200, body: [] },
    { ask: 'PATCH /notes?id=eq.1', ...ana, raw: `{"owner": "${BEN}"}`, status: 403, body: fault('42501') },
    { ask: 'PATCH /partly?id=eq.1', raw: '{"open": "x"}', status: 401, body: fault('42501') },
    {
      ask: 'PATCH /plain?a=lt.5',
      ...prefer('handling=strict, max-affected=3'),
      raw: '{"b": 72}',
      status: 400,
      body: fault('PGRST124', { details: 'The query affects 4 rows' }),
    },
    { ask: 'PATCH /plain?a=lt.5', ...prefer('max-affected=3'), raw: '{"b": 73}', status: 204, body: null },
    {
      ask: 'PATCH /plain?a=eq.1',
      ...prefer('handling=strict, unheard-of'),
      raw: '{"b": 74}',
      status: 400,
      body: fault('PGRST122'),
    },
  ]);

  test('a refused number of rows, or of single objects, changes nothing', async () => {
    await scene.database.admin.query('UPDATE public.plain SET b = 0 WHERE a < 5');
    const single = { headers: { Accept: 'application/vnd.pgrst.object+json', Prefer: 'return=representation' } };
    const got = await scene.send('PATCH', '/plain?a=lt.5', { body: { b: 75 }, ...single });
    expect(got).toMatchObject({ status: 406, body: { code: 'PGRST116' } });
    expect(await stored('SELECT DISTINCT b FROM public.plain WHERE a < 5')).toEqual([{ b: 0 }]);
  });
});

describe('a delete', () => {
  testRows(scene, [
    { ask: 'DELETE /plain?a=eq.20', status: 204, body: null, range: '*/*' },
    {
      ask: 'DELETE /plain?a=in.(21,22)&select=a',
      ...prefer('return=representation, count=exact'),
      status: 200,
      body: [{ a: 21 }, { a: 22 }],
      range: '*/2',
    },
    {
      ask: 'DELETE /plain?a=gt.10',
      ...prefer('handling=strict, max-affected=1'),
      status: 400,
      body: fault('PGRST124'),
    },
    { ask: 'DELETE /notes?id=eq.2', as: 'ben', ...full, status: 200, body: [] },
    { ask: 'DELETE /shut', status: 401, body: fault('42501') },
    { ask: 'PUT /plain?a=eq.1', raw: '{"a": 1}', status: 501, body: fault('GATEWAY501') },
    { ask: 'LINK /plain', status: 405, body: fault('PGRST117') },
  ]);
});

test('a rollback that is asked for is not obeyed, nor said to be', async () => {
  const got = await scene.send('POST', '/labels', {
    as: 'ana',
    body: { id: 40, word: 'kept' },
    ...prefer('tx=rollback'),
  });
  expect([got.status, got.headers.get('preference-applied')]).toEqual([201, null]);
  expect(await stored('SELECT word FROM public.labels WHERE id = 40')).toEqual([{ word: 'kept' }]);
});
