/** Canonical JSON as SQL writes it, held against what RFC 8785 takes from ECMAScript. */

import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { scenes } from './scene.ts';

const openScene = scenes();

/** Names sorted by UTF-16 code units, as JavaScript compares strings; everything else is JSON.stringify's own. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const fields = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${fields.map(([name, each]) => `${JSON.stringify(name)}:${canonical(each)}`).join(',')}}`;
}

describe('canonical JSON', () => {
  it('is that of RFC 8785 for whatever JSON holds', async () => {
    await using scene = await openScene();
    // PostgreSQL stores no NUL character.
    const value = fc
      .jsonValue({ stringUnit: 'binary', maxDepth: 4 })
      .filter((each) => !JSON.stringify(each).includes('\\u0000'));
    const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
      const { rows } = await scene.owner.query('SELECT core.canonical_json($1) AS said', [JSON.stringify(values)]);
      expect(rows[0]?.['said']).toBe(canonical(values));
    });
    await fc.assert(property, { seed: inject('seed'), numRuns: 50 });
  });

  it.each([
    ['1.0', '1'],
    ['-0', '0'],
    ['1e21', '1e+21'],
    ['123456789012345680000', '123456789012345680000'],
    ['0.000001', '0.000001'],
    ['1e-7', '1e-7'],
    ['4.50', '4.5'],
    ['2e-3', '0.002'],
    ['5e-324', '5e-324'],
    ['1.7976931348623157e308', '1.7976931348623157e+308'],
    ['{"\u{1f600}": 1, "\ufb33": 2, "a": 3}', '{"a":3,"\u{1f600}":1,"\ufb33":2}'],
  ])('%s is said as %s', async (text, said) => {
    await using scene = await openScene();
    const { rows } = await scene.owner.query('SELECT core.canonical_json($1) AS said', [text]);
    expect(rows).toEqual([{ said }]);
  });

  it('numbers that no double tells apart keep their digits', async () => {
    await using scene = await openScene();
    const { rows } = await scene.owner.query(
      "SELECT core.hash_of('9007199254740993') = core.hash_of('9007199254740992') AS same, core.canonical_json('9007199254740993') AS said",
    );
    expect(rows).toEqual([{ same: false, said: '9007199254740993' }]);
  });
});
