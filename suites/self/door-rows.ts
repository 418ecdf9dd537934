/** Tables of requests with what must come of each: status, body, and the headers that matter. */

import { expect, test } from 'vitest';
import type { DoorScene, Sent } from './door-scene.ts';

export interface Row extends Sent {
  /** `GET /notes?id=eq.1` */
  readonly ask: string;
  readonly status: number;
  /** The whole body; null: there is none. Absent: whatever it is. */
  readonly body?: unknown;
  /** Content-Range */
  readonly range?: string;
  readonly gets?: Readonly<Record<string, string | null>>;
}

/** One test a row. */
export function testRows(scene: DoorScene, rows: readonly Row[]): void {
  test.for(rows)('$ask is answered by $status', async ({ ask, status, body, range, gets, ...sent }) => {
    const [method = '', path = ''] = ask.split(/ (.*)/s);
    const got = await scene.send(method, path, sent);
    if (status === 501 && scene.door.kind === 'postgrest') {
      // What the gateway does not speak, PostgREST answers in its own words.
      expect(got.status).not.toBe(501);
      return;
    }
    expect({ status: got.status, body: got.body }).toEqual({
      status,
      body: body === undefined ? expect.anything() : body,
    });
    const headers = { ...(range === undefined ? {} : { 'content-range': range }), ...gets };
    expect(Object.fromEntries(Object.keys(headers).map((name) => [name, got.headers.get(name)]))).toEqual(headers);
  });
}

/** An error of PostgREST or of the database, by its code. */
export function fault(code: string, more: object = {}): unknown {
  return expect.objectContaining({ code, message: expect.any(String), ...more });
}
