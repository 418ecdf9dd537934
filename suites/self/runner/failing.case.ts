/** A test that fails, and an ordinary one beside it. */

import { describe, expect, test } from 'vitest';

describe('Sums', () => {
  test('one and one are three', () => {
    expect(1 + 1).toBe(3);
  });
  test('one and one are two', () => {
    expect(1 + 1).toBe(2);
  });
});
