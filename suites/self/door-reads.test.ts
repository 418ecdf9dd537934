/** Reads through a door answer as PostgREST documents it: rows, filters, order, ranges and counts. */

import { describe, expect, test } from 'vitest';
import { fault, type Row, testRows } from './door-rows.ts';
import { doorScene } from './door-scene.ts';

const scene = doorScene();
const ids = (...list: readonly number[]) => list.map((id) => ({ id }));
const ana = { as: 'ana' } as const;

describe('a filter', () => {
  testRows(scene, [
    ...(
      [
        ['id=eq.1', 1],
        ['id=neq.1', 2, 3, 4],
        ['id=gt.2', 3, 4],
        ['id=gte.3&id=lt.4', 3],
        ['id=lte.1', 1],
        ['id=in.(1,3)', 1, 3],
        ['id=in.()'],
        ['id=not.in.(1,3)', 2, 4],
        ['title=in.("Third, with \\"quotes\\"",First)', 1, 3],
        ['title=like.F*', 1],
        ['title=ilike.*f*', 1, 4],
        ['title=match.^S', 2],
        ['title=imatch.^s', 2],
        ['title=like(any).{F*,S*}', 1, 2],
        ['title=ilike(all).{*o*,*f*}', 4],
        ['id=eq(any).{1,4}', 1, 4],
        ['price=is.null', 3],
        ['price=not.is.null', 1, 2, 4],
        ['price=is.not_null', 1, 2, 4],
        ['price=isdistinct.4', 1, 2, 3],
        ['tags=cs.{x}', 1],
        ['tags=cd.{y,q}', 2, 3],
        ['tags=ov.{x,z}', 1, 4],
        ['title=fts.first', 1],
        ['title=plfts(english).second', 2],
        ['title=wfts.first or second', 1, 2],
        ['info->>n=eq.5', 1],
        ['info->n=gt.5', 2],
        ['info->a->b->>0=eq.1', 1],
        ['info->a->b->-1=eq.2', 1],
        ['or=(id.eq.1,id.eq.4)', 1, 4],
        ['or=(id.eq.1,and(id.gt.1,price.eq.4))', 1, 4],
        ['not.or=(id.eq.1,id.eq.4)', 2, 3],
        ['and=(id.gt.1,not.or(id.eq.2,id.eq.3))', 4],
        ['or=(tags.cs.{x,y},title.eq."Of Ben")', 1, 4],
        ['or=(id.in.(1,2),title.like.Of*)', 1, 2, 4],
        ['and=( and ( id.in.( 1, 2, 3 ) , id.eq.3 ) , or ( id.eq.2 , id.eq.3 ) )', 3],
        ['and=(id.eq.1,id.neq.2))', 1],
      ] as readonly (readonly [string, ...number[]])[]
    ).map(([filter, ...list]) => ({
      ask: `GET /notes?select=id&order=id&${filter}`,
      ...ana,
      status: 200,
      body: ids(...list),
    })),
    { ask: 'GET /notes?id=5', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?id=noop.5', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?id=is.maybe', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?or=()', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?id=in.1,2', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?id=eq.one', ...ana, status: 400, body: fault('22P02') },
    { ask: 'GET /notes?nowhere=eq.1', status: 400, body: fault('42703') },
    { ask: 'GET /notes?title=cs.{x}', status: 404, body: fault('42883') },
    { ask: 'GET /notes?title=eq.%00', status: 400, body: fault('22021') },
    { ask: `GET /notes?title=eq.' OR true --&select=id`, ...ana, status: 200, body: [] },
    { ask: `GET /notes?title=eq.\\' OR true --&select=id`, ...ana, status: 200, body: [] },
    { ask: 'GET /notes?%22title%22%20OR%20true=eq.x', status: 400, body: fault('PGRST100') },
  ]);
});

describe('what is selected', () => {
  const shown: readonly (readonly [string, object])[] = [
    ['id,title', { id: 1, title: 'First' }],
    ['name:title', { name: 'First' }],
    ['price', { price: 1.5 }],
    ['made', { made: '2026-01-02T03:04:05+00:00' }],
    ['id::text', { id: '1' }],
    ['number:id::text', { number: '1' }],
    ['made::date', { made: '2026-01-02' }],
    ['id::double precision', { id: 1 }],
    ['info->a', { a: { b: [1, 2] } }],
    ['info->a->b->1', { b: 2 }],
    ['info->>n', { n: '5' }],
    ['deep:info->a->b', { deep: [1, 2] }],
    ['tags->0', { tags: 'x' }],
    ['"title"', { title: 'First' }],
  ];
  testRows(scene, [
    ...shown.map(([select, row]) => ({
      ask: `GET /notes?id=eq.1&select=${select}`,
      ...ana,
      status: 200,
      body: [row],
    })),
    { ask: 'GET /notes?select=id,nowhere', status: 400, body: fault('42703') },
    { ask: 'GET /notes?select=id,', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?select=id[]', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?select=id::no_type', status: 400, body: fault('42704') },
    { ask: 'GET /notes?select=id::int)--', status: 400, body: fault('PGRST100') },
    // Without brackets it is PostgreSQL's own shorthand, which no setting of PostgREST forbids.
    { ask: 'GET /notes?select=count', ...ana, status: 200, body: [{ count: 4 }] },
    { ask: 'GET /notes?select=id.sum()', status: 400, body: fault('PGRST123') },
    { ask: 'GET /notes?select=count()', status: 400, body: fault('PGRST123') },
    { ask: 'GET /nowhere', status: 404, body: fault('PGRST205') },
    { ask: 'GET /safe', status: 404, body: fault('PGRST205') },
    { ask: 'GET /shut', status: 401, body: fault('42501') },
    { ask: 'GET /shut', ...ana, status: 403, body: fault('42501') },
    { ask: 'GET /partly', ...ana, status: 403, body: fault('42501') },
    { ask: 'GET /partly?select=id,open', status: 200, body: [{ id: 1, open: 'shown' }] },
    { ask: 'GET /partly?select=id&secret=eq.kept', status: 401, body: fault('42501') },
    { ask: 'GET /partly?select=id&order=secret', status: 401, body: fault('42501') },
    { ask: 'GET /titles?id=eq.1&select=title', ...ana, status: 200, body: [{ title: 'First' }] },
  ]);

  test('a text is the very JSON that PostgreSQL makes', async () => {
    const { text } = await scene.send('GET', '/notes?id=eq.1&select=price,made,tags', ana);
    expect(text).toBe('[{"price":1.50,"made":"2026-01-02T03:04:05+00:00","tags":["x","y"]}]');
  });
});

describe('order', () => {
  const ordered: readonly (readonly [string, ...number[]])[] = [
    ['price', 1, 2, 4, 3],
    ['price.desc', 3, 4, 2, 1],
    ['price.nullsfirst', 3, 1, 2, 4],
    ['price.desc.nullslast', 4, 2, 1, 3],
    ['owner.desc,id.desc', 4, 3, 2, 1],
    ['info->n.desc.nullslast,id', 2, 1, 3, 4],
  ];
  testRows(scene, [
    ...ordered.map(([order, ...list]) => ({
      ask: `GET /notes?select=id&order=${order}`,
      ...ana,
      status: 200,
      body: ids(...list),
    })),
    { ask: 'GET /notes?order=id.up', status: 400, body: fault('PGRST100') },
    { ask: 'GET /notes?order=nowhere', status: 400, body: fault('42703') },
  ]);
});

describe('ranges and counts', () => {
  const exact = { headers: { Prefer: 'count=exact' } };
  const rows: readonly Row[] = [
    { ask: 'GET /plain?select=a&order=a&limit=3', status: 200, body: [{ a: 1 }, { a: 2 }, { a: 3 }], range: '0-2/*' },
    { ask: 'GET /plain?select=a&order=a&limit=2&offset=4', status: 200, body: [{ a: 5 }, { a: 6 }], range: '4-5/*' },
    { ask: 'GET /plain?offset=-4', status: 200, range: '0-24/*' },
    { ask: 'GET /plain?limit=0', status: 200, body: [], range: '*/*' },
    { ask: 'GET /plain?limit=-1', status: 416, body: fault('PGRST103') },
    { ask: 'GET /plain?select=a', ...exact, status: 200, range: '0-24/25' },
    {
      ask: 'GET /plain?limit=5',
      ...exact,
      status: 206,
      range: '0-4/25',
      gets: { 'preference-applied': 'count=exact' },
    },
    { ask: 'GET /plain?offset=25', ...exact, status: 206, body: [], range: '*/25' },
    { ask: 'GET /plain?offset=26', ...exact, status: 416, body: fault('PGRST103'), range: '*/25' },
    { ask: 'GET /plain?offset=26', status: 200, body: [], range: '*/*' },
    { ask: 'GET /plain?a=gt.90', ...exact, status: 200, body: [], range: '*/0' },
    {
      ask: 'GET /plain?select=a&order=a',
      headers: { Range: '0-1' },
      status: 200,
      body: [{ a: 1 }, { a: 2 }],
      range: '0-1/*',
    },
    {
      ask: 'GET /plain?select=a&order=a',
      headers: { Range: '23-' },
      status: 200,
      body: [{ a: 24 }, { a: 25 }],
      range: '23-24/*',
    },
    { ask: 'GET /plain?order=a&limit=3', headers: { Range: '1-1' }, status: 200, range: '1-1/*' },
    { ask: 'GET /plain', headers: { Range: '5-2' }, status: 416, body: fault('PGRST103') },
    { ask: 'GET /plain', headers: { Range: 'rows' }, status: 200, range: '0-24/*' },
    { ask: 'HEAD /plain', ...exact, status: 200, body: null, range: '0-24/25' },
    { ask: 'HEAD /shut', status: 401, body: null },
    { ask: 'GET /plain?limit=2', headers: { Prefer: 'count=estimated' }, status: 206, range: '0-1/25' },
  ];
  testRows(scene, rows);

  test('a planned count is what the planner expects', async () => {
    await scene.database.admin.query('ANALYZE public.plain');
    const got = await scene.send('GET', '/plain?limit=2', { headers: { Prefer: 'count=planned' } });
    expect([got.status, got.headers.get('content-range')]).toEqual([206, '0-1/25']);
  });
});

describe('one object', () => {
  const headers = { Accept: 'application/vnd.pgrst.object+json' };
  testRows(scene, [
    {
      ask: 'GET /plain?a=eq.1',
      headers,
      status: 200,
      body: { a: 1, b: 1, c: '1' },
      gets: { 'content-type': 'application/vnd.pgrst.object+json; charset=utf-8' },
    },
    {
      ask: 'GET /plain?a=eq.0',
      headers,
      status: 406,
      body: fault('PGRST116', { details: 'The result contains 0 rows' }),
    },
    {
      ask: 'GET /plain?a=lt.3',
      headers,
      status: 406,
      body: fault('PGRST116', { details: 'The result contains 2 rows' }),
    },
    {
      ask: 'GET /notes?id=eq.3&select=id,price',
      as: 'ana',
      headers: { Accept: 'application/vnd.pgrst.object+json;nulls=stripped' },
      status: 200,
      body: { id: 3 },
    },
    {
      ask: 'GET /plain?a=eq.1',
      headers: { Accept: 'application/json' },
      status: 200,
      gets: { 'content-type': 'application/json; charset=utf-8' },
    },
    { ask: 'GET /plain', headers: { Accept: 'image/png' }, status: 406, body: fault('PGRST107') },
    // db-plan-enabled is off, as upstream.
    { ask: 'GET /plain', headers: { Accept: 'application/vnd.pgrst.plan+json' }, status: 406, body: fault('PGRST107') },
  ]);
});
