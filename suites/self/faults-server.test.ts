/** Faults of the server as a list: which there are, and at which moments each can strike. */

import { describe, expect, test } from 'vitest';
import { occurs } from '../../chaos/faults/field.ts';
import { serverFaults } from '../../chaos/faults/server.ts';
import { moments } from '../../chaos/model.ts';

test('each has a name of its own, and a sentence', () => {
  const ids = serverFaults.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  for (const { id, says } of serverFaults)
    expect([id, says]).toEqual([expect.stringMatching(/^[a-z-]+$/), expect.stringMatching(/^[a-z].*[^.]$/)]);
});

describe('a moment at which a fault can strike', () => {
  test.each(serverFaults)('$id: there is one, and each other has its reason', (fault) => {
    const can = moments.filter((moment) => occurs(fault, moment) === true);
    expect(can).not.toEqual([]);
    for (const moment of moments.filter((at) => !can.includes(at)))
      expect(occurs(fault, moment)).toMatch(/^[a-z].{20,}[^.]$/);
  });
});
