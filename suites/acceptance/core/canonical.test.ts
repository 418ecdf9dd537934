/** Canonical JSON as SQL writes it, held against an independent library and the published examples of RFC 8785. */

import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, inject, it } from 'vitest';
import { type Scene, scenes } from './scene.ts';

const openScene = scenes();

/** What SQL makes of each JSON text, in their order. */
async function saidOf(scene: Scene, texts: readonly string[]): Promise<readonly unknown[]> {
  const { rows } = await scene.owner.query(
    'SELECT core.canonical_json(one.text::jsonb) AS said FROM unnest($1::text[]) WITH ORDINALITY AS one (text, place) ORDER BY place',
    [texts],
  );
  return rows.map(({ said }) => said);
}

/** Appendix B of the RFC: the bits of a double, and how it is written. */
const numbers = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
] as const;

/** Sections 3.2.2 and 3.2.3: a text, and how it is written. */
const examples = [
  [
    String.raw`{"numbers": [333333333.3333333, 1E30, 4.50, 2e-3, 0.000000000000000000000000001], "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  ],
  [
    String.raw`{"\u20ac": "Euro Sign", "\r": "Carriage Return", "\ufb33": "Hebrew Letter Dalet With Dagesh", "1": "One", "\ud83d\ude00": "Emoji: Grinning Face", "\u0080": "Control", "\u00f6": "Latin Small Letter O With Diaeresis"}`,
    '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
  ],
] as const;

describe('canonical JSON', () => {
  it('writes each number of the RFC as the RFC does, and so does the library', async () => {
    await using scene = await openScene();
    const values = numbers.map(([bits]) => Buffer.from(bits, 'hex').readDoubleBE());
    const written = numbers.map(([, text]) => text);
    expect(values.map(canonicalize)).toEqual(written);
    expect(
      await saidOf(
        scene,
        values.map((value) => JSON.stringify(value)),
      ),
    ).toEqual(written);
  });

  it('writes every power of ten as the library does, also where it lies halfway between two doubles', async () => {
    await using scene = await openScene();
    const powers = Array.from({ length: 632 }, (_, n) => Number(`1e${n - 323}`));
    const said = await saidOf(
      scene,
      powers.map((power) => JSON.stringify(power)),
    );
    expect(said).toEqual(powers.map(canonicalize));
  });

  it('writes the objects of the RFC as the RFC does, names in the order of their UTF-16 code units', async () => {
    await using scene = await openScene();
    const written = examples.map(([, text]) => text);
    expect(examples.map(([text]) => canonicalize(JSON.parse(text)))).toEqual(written);
    expect(
      await saidOf(
        scene,
        examples.map(([text]) => text),
      ),
    ).toEqual(written);
  });

  it('is the library’s for whatever JSON holds', async () => {
    await using scene = await openScene();
    // PostgreSQL stores no NUL character.
    const value = fc
      .jsonValue({ stringUnit: 'binary', maxDepth: 4 })
      .filter((each) => !JSON.stringify(each).includes('\\u0000'));
    const property = fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 20 }), async (values) => {
      const said = await saidOf(
        scene,
        values.map((each) => JSON.stringify(each)),
      );
      expect(said).toEqual(values.map(canonicalize));
    });
    await fc.assert(property, { seed: inject('seed'), numRuns: 50 });
  });

  it('does not depend on how a value was written: white space, order of names, trailing zeros, exponents', async () => {
    await using scene = await openScene();
    const same = ['{"a": 1, "b": [2.50]}', '{"b":[25e-1],"a":1.0}', ' {"b" : [2.5], "a" : 10e-1 } '];
    expect(await saidOf(scene, same)).toEqual(Array(3).fill('{"a":1,"b":[2.5]}'));
  });

  it('numbers that no double tells apart keep their digits, where the RFC would round them', async () => {
    await using scene = await openScene();
    const two = ['9007199254740993', '9007199254740992'];
    expect(await saidOf(scene, two)).toEqual(two);
    const { rows } = await scene.owner.query('SELECT core.hash_of($1) = core.hash_of($2) AS same', two);
    expect(rows).toEqual([{ same: false }]);
  });

  it('numbers beyond every double differ, are equal however they are written, and stay short', async () => {
    await using scene = await openScene();
    const [one, same, other, huge, tiny] = await saidOf(scene, ['1e400', '10e399', '2e400', '1e131071', '1e-16000']);
    expect(same).toBe(one);
    expect(new Set([one, other, huge, tiny]).size).toBe(4);
    for (const text of [huge, tiny]) expect(String(text).length).toBeLessThan(100);
  });
});
