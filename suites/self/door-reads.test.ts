/** Reads through a door answer as PostgREST documents it: rows, filters, order, ranges and counts. */

import { describe, expect, test } from 'vitest';
import { doorScene, type Sent } from './door-scene.ts';

const scene = doorScene();

/** A request and what must come of it. */
interface Row {
  readonly path: string;
  readonly sent?: Sent;
  readonly status: number;
  readonly body?: unknown;
  readonly range?: string;
}

const first = { id: 1, title: 'First' };

const rows: readonly Row[] = [
  { path: '/notes?select=id', status: 200, body: [], range: '*/*' },
  { path: '/notes?select=id,title&id=eq.1', sent: { as: 'ana' }, status: 200, body: [first], range: '0-0/*' },
];

describe('a read', () => {
  test.for(rows)('$path answers $status', async ({ path, sent, status, body, range }) => {
    const got = await scene.send('GET', path, sent);
    expect({ status: got.status, body: got.body }).toEqual({ status, body });
    if (range !== undefined) expect(got.headers.get('content-range')).toBe(range);
  });
});
