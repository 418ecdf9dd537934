/** The runner. */
import { expect, inject, test } from 'vitest';

test('Rowproof runs on the Node that it brings along', () => {
  expect(process.version).toMatch(/^v24\./);
});
test('a server is provided', () => {
  expect(inject('server').port).toBeGreaterThan(0);
});
