/** Upserts through a door: what is merged, what is ignored, and what a row that the caller does not see comes to. */

import { describe, expect, test } from 'vitest';
import { fault, testRows } from './door-rows.ts';
import { doorScene } from './door-scene.ts';

const scene = doorScene();
const prefer = (said: string) => ({ headers: { Prefer: said } });
const stored = async (sql: string) => (await scene.database.admin.query(sql)).rows;

describe('an upsert', () => {
  const merge = prefer('resolution=merge-duplicates, return=representation');
  const ignore = prefer('resolution=ignore-duplicates, return=representation');
  testRows(scene, [
    { ask: 'POST /labels', ...merge, raw: '{"id": 2, "word": "navy"}', status: 200, body: [{ id: 2, word: 'navy' }] },
    {
      ask: 'POST /labels',
      ...merge,
      raw: '[{"id": 2, "word": "blue"}, {"id": 20, "word": "pink"}]',
      status: 201,
      body: [
        { id: 2, word: 'blue' },
        { id: 20, word: 'pink' },
      ],
      gets: { 'preference-applied': 'resolution=merge-duplicates, return=representation' },
    },
    {
      ask: 'POST /labels',
      ...ignore,
      raw: '[{"id": 2, "word": "other"}, {"id": 21, "word": "gold"}]',
      status: 201,
      body: [{ id: 21, word: 'gold' }],
    },
    {
      ask: 'POST /labels?on_conflict=word',
      ...merge,
      raw: '{"id": 22, "word": "gold"}',
      status: 200,
      body: [{ id: 22, word: 'gold' }],
    },
    { ask: 'POST /labels', ...merge, raw: '[]', status: 200, body: [] },
    {
      ask: 'POST /plain',
      ...merge,
      raw: '{"a": 1}',
      status: 201,
      gets: { 'preference-applied': 'return=representation' },
    },
    { ask: 'POST /labels', raw: '{"id": 2, "word": "twice"}', status: 409, body: fault('23505') },
    { ask: 'POST /labels', ...merge, raw: '{"id": 30, "word": "red"}', status: 409, body: fault('23505') },
    {
      ask: 'POST /labels?on_conflict=nowhere',
      ...merge,
      raw: '{"id": 31, "word": "x"}',
      status: 400,
      body: fault('42703'),
    },
    { ask: 'POST /notes', as: 'ben', ...merge, raw: '{"id": 2, "title": "Taken"}', status: 403, body: fault('42501') },
    { ask: 'POST /notes', as: 'ben', ...ignore, raw: '{"id": 2, "title": "Taken"}', status: 201, body: [] },
  ]);

  test('one onto a row that the caller does not see leaves it as it is', async () => {
    expect(await stored('SELECT title FROM public.notes WHERE id = 2')).toEqual([{ title: 'Second' }]);
  });
});
