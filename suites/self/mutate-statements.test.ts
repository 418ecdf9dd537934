/** Statements that parser and printer do not give back as they were are known, and named. */

import { expect, test } from 'vitest';
import { parseStatement, sayStatement, unlessUnsayable } from '../../fixtures/mutate/statements.ts';

const again = (sql: string) =>
  unlessUnsayable(
    () => sayStatement(parseStatement(sql)).replace(/\s+/g, ' '),
    (reason) => reason,
  );

test('a statement comes back as it was', () => {
  expect(again('SELECT  a FROM b WHERE c = 1')).toBe('SELECT a FROM b WHERE c = 1');
});

test('what does not parse, and what is not one statement, is told apart', () => {
  expect(again('SELECT FROM WHERE')).toBe('cannot be parsed: syntax error at or near "WHERE"');
  expect(again('SELECT 1; SELECT 2')).toBe('is not one statement');
});

test('a clause that the printer leaves out is noticed', () => {
  const key = 'ALTER TABLE t ADD FOREIGN KEY (a, b) REFERENCES u ON DELETE SET NULL';
  expect(again(key)).toMatch(/^ALTER TABLE t/);
  expect(again(`${key} (a)`)).toBe('cannot be said again from its parse tree');
});

test('any other error is not taken for one of these', () => {
  const broken = () => {
    throw new TypeError('another');
  };
  expect(() => unlessUnsayable(broken, () => null)).toThrow('another');
});
