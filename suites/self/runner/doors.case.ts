/** Tests as they come out where callers come in through the front door. */

import { describe, expect, test } from 'vitest';

describe('over HTTP', () => {
  test('most is said', ({ task }) => {
    task.meta.door = { door: 'gateway', http: 3, wire: { TRUNCATE: 2, LOCK: 1 } };
  });

  test('nothing is said, and it passes', ({ task }) => {
    task.meta.door = { door: null, http: 0, wire: { TRUNCATE: 1 } };
  });

  test('nothing is said, and it fails', ({ task }) => {
    task.meta.door = { door: null, http: 0, wire: {} };
    expect(1).toBe(2);
  });
});
