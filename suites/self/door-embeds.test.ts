/** Embedded resources and aggregates: which relationship is meant, whose rows are shown, what is refused. */

import { describe } from 'vitest';
import { fault, testRows } from './door-rows.ts';
import { doorScene } from './door-scene.ts';

const ana = { as: 'ana' } as const;
const prefer = (said: string) => ({ headers: { Prefer: said } });
const one = (select: string) => `GET /notes?id=eq.1&select=${select}`;

describe('an embedded resource', () => {
  const scene = doorScene();
  testRows(scene, [
    { ask: one('id,cover:covers(colour)'), ...ana, status: 200, body: [{ id: 1, cover: { colour: 'green' } }] },
    { ask: 'GET /notes?id=eq.2&select=covers(colour)', ...ana, status: 200, body: [{ covers: null }] },
    {
      ask: 'GET /covers?select=colour,notes(title)',
      ...ana,
      status: 200,
      body: [{ colour: 'green', notes: { title: 'First' } }],
    },
    { ask: 'GET /covers?select=colour,notes(title)', status: 200, body: [{ colour: 'green', notes: null }] },
    { ask: one('people!notes_owner_fkey(name)'), ...ana, status: 200, body: [{ people: { name: 'Ana' } }] },
    { ask: one('people!reader(name)'), ...ana, status: 200, body: [{ people: { name: 'Ben' } }] },
    {
      ask: one('by:owner(name),to:reader(name)'),
      ...ana,
      status: 200,
      body: [{ by: { name: 'Ana' }, to: { name: 'Ben' } }],
    },
    { ask: one('notes_owner_fkey(name)'), ...ana, status: 200, body: [{ notes_owner_fkey: { name: 'Ana' } }] },
    {
      ask: one('labels(word)&labels.order=word'),
      ...ana,
      status: 200,
      body: [{ labels: [{ word: 'blue' }, { word: 'red' }] }],
    },
    {
      ask: one('labels!note_labels(word)&labels.order=word&labels.limit=1'),
      ...ana,
      status: 200,
      body: [{ labels: [{ word: 'blue' }] }],
    },
    { ask: one('labels(word)&labels.word=eq.red'), ...ana, status: 200, body: [{ labels: [{ word: 'red' }] }] },
    {
      ask: 'GET /notes?select=id,labels!inner(word)&labels.word=eq.red',
      ...ana,
      status: 200,
      body: [{ id: 1, labels: [{ word: 'red' }] }],
    },
    {
      ask: 'GET /notes?select=id,labels!inner()&labels.word=eq.blue&order=id',
      ...ana,
      status: 200,
      body: [{ id: 1 }, { id: 2 }],
    },
    {
      ask: 'GET /notes?select=id,covers()&covers=is.null&order=id',
      ...ana,
      status: 200,
      body: [{ id: 2 }, { id: 3 }, { id: 4 }],
    },
    {
      ask: 'GET /notes?select=id,labels()&labels=not.is.null&order=id',
      ...ana,
      status: 200,
      body: [{ id: 1 }, { id: 2 }],
    },
    {
      ask: 'GET /labels?select=word,notes(title,covers(colour))&id=eq.1',
      ...ana,
      status: 200,
      body: [{ word: 'red', notes: [{ title: 'First', covers: { colour: 'green' } }] }],
    },
    {
      ask: 'GET /covers?select=colour,notes(labels(word))&notes.labels.word=eq.blue',
      ...ana,
      status: 200,
      body: [{ colour: 'green', notes: { labels: [{ word: 'blue' }] } }],
    },
    {
      ask: 'GET /people?select=name,boss(name)&name=eq.Ben',
      status: 200,
      body: [{ name: 'Ben', boss: { name: 'Ana' } }],
    },
    {
      ask: 'GET /people?select=name,team:people!boss(name)&name=eq.Ana',
      status: 200,
      body: [{ name: 'Ana', team: [{ name: 'Ben' }] }],
    },
    {
      ask: 'GET /people?select=name,team:people(name)&name=eq.Ana',
      status: 200,
      body: [{ name: 'Ana', team: [{ name: 'Ben' }] }],
    },
    {
      ask: 'GET /notes?select=id,covers(colour)&order=covers(colour),id&limit=2',
      ...ana,
      status: 200,
      body: [
        { id: 1, covers: { colour: 'green' } },
        { id: 2, covers: null },
      ],
    },
    { ask: 'GET /notes?select=id,labels(word)&order=labels(word)', ...ana, status: 400, body: fault('PGRST118') },
    { ask: 'GET /notes?select=id&order=labels(word)', ...ana, status: 400, body: fault('PGRST108') },
    { ask: 'GET /notes?select=id&labels.word=eq.red', ...ana, status: 400, body: fault('PGRST108') },
    { ask: 'GET /notes?select=people(name)', ...ana, status: 300, body: fault('PGRST201') },
    { ask: 'GET /notes?select=plain(a)', ...ana, status: 400, body: fault('PGRST200') },
    { ask: 'GET /notes?select=safe(id)', ...ana, status: 400, body: fault('PGRST200') },
    { ask: 'GET /notes?select=people!nowhere(name)', ...ana, status: 400, body: fault('PGRST200') },
    {
      ask: 'GET /notes?select=id,labels!inner(word)&labels.word=eq.red',
      ...ana,
      ...prefer('count=exact'),
      status: 200,
      range: '0-0/1',
      body: [{ id: 1, labels: [{ word: 'red' }] }],
    },
    {
      ask: 'GET /notes?select=id,covers()&covers=is.null&limit=1&order=id',
      ...ana,
      ...prefer('count=exact'),
      status: 206,
      range: '0-0/3',
      body: [{ id: 2 }],
    },
    { ask: 'GET /notes?select=id,covers()&covers(colour)=eq.green', ...ana, status: 501, body: fault('GATEWAY501') },
    { ask: 'GET /titles?select=people(name)', ...ana, status: 501, body: fault('GATEWAY501') },
    { ask: 'GET /notes?select=id,...covers(colour)', ...ana, status: 501, body: fault('GATEWAY501') },
  ]);
});

describe('an aggregate, where they are allowed', () => {
  const scene = doorScene({ aggregates: true });
  testRows(scene, [
    { ask: 'GET /notes?select=count()', ...ana, status: 200, body: [{ count: 4 }] },
    { ask: 'GET /notes?select=count()', status: 200, body: [{ count: 0 }] },
    { ask: 'GET /notes?select=price.sum(),id.max()', ...ana, status: 200, body: [{ sum: 7.5, max: 4 }] },
    { ask: 'GET /notes?select=total:price.sum()::int', ...ana, status: 200, body: [{ total: 8 }] },
    {
      ask: 'GET /notes?select=owner,n:id.count()&order=owner',
      ...ana,
      status: 200,
      body: [
        { owner: 'aaaaaaaa-0000-4000-8000-000000000001', n: 3 },
        { owner: 'bbbbbbbb-0000-4000-8000-000000000002', n: 1 },
      ],
    },
    {
      ask: 'GET /notes?select=covers(colour),id.count()&id=eq.1',
      ...ana,
      status: 200,
      body: [{ count: 1, covers: { colour: 'green' } }],
    },
    {
      ask: 'GET /people?select=name,notes!owner(count())&order=name',
      ...ana,
      status: 200,
      body: [
        { name: 'Ana', notes: [{ count: 3 }] },
        { name: 'Ben', notes: [{ count: 1 }] },
      ],
    },
    { ask: 'GET /notes?select=id.count', ...ana, status: 400, body: fault('PGRST100') },
  ]);
});
