/** A test that passes, on the server, the seed and the project that the runner provides. */

import { expect, inject, test } from 'vitest';

test('T-RUN-01 the runner provides server, seed and project', () => {
  expect(inject('server').port).toBeGreaterThan(0);
  expect(inject('seed')).toBe(7);
  expect(inject('project')).toBeNull();
});
