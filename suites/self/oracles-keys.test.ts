/** A row without a key is known by all its columns, however the wire spells them. */

import { expect, test } from 'vitest';
import { holdsKey } from '../../fixtures/oracles/reading.ts';
import { ROWS } from './oracles-scene.ts';

const key = { file: 7, open: true, until: '2094-06-01T12:11:00+00:00', note: null, tags: ['a'] };
const columns = ['file', 'open', 'until', 'note', 'tags'];

test.each([
  ['the same row', ['7', 't', '2094-06-01 12:11:00+00', null, '{a}'], true],
  ['another number', ['8', 't', '2094-06-01 12:11:00+00', null, '{a}'], false],
  ['another truth', ['7', 'f', '2094-06-01 12:11:00+00', null, '{a}'], false],
  ['another moment', ['7', 't', '2094-06-01 12:12:00+00', null, '{a}'], false],
  ['a value for none', ['7', 't', '2094-06-01 12:11:00+00', 'x', '{a}'], false],
])('%s: %j is the row: %j', (_, cells, same) => {
  expect(holdsKey({ ...ROWS.noteA, key }, columns, cells)).toBe(same);
});
