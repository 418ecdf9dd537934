/** Whatever stands in a request, it stays a value or a name: no text of a caller becomes SQL. */

import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { doorScene, type Sent } from './door-scene.ts';

const scene = doorScene();

/** What ends a literal, a name or a statement, among other characters. */
const sly = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        `'`,
        `"`,
        `\\`,
        `\\'`,
        `''`,
        `$$`,
        ';',
        '--',
        '/*',
        '*/',
        '(',
        ')',
        ',',
        '.',
        ':',
        '!',
        '->',
        '{',
        '}',
      ),
      fc.constantFrom(
        ' OR true',
        ' UNION SELECT 1',
        'id',
        'eq',
        'is',
        'null',
        'or',
        'not',
        'labels',
        '\u0000',
        '\u2028',
        '\n',
        'ä',
      ),
      fc.string({ maxLength: 4 }),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
  // An empty name is PostgreSQL's own syntax error, and the name of a type stands as it is: letters, digits and spaces.
  .filter((text) => text !== '' && !text.includes('::'));

const quoted = (text: string) => encodeURIComponent(`"${text.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`);
const plain = (text: string) => encodeURIComponent(text);

/** Each place of a request that a caller fills. */
const places: readonly ((text: string) => readonly [method: string, path: string, sent?: Sent])[] = [
  (text) => ['GET', `/notes?id=${plain(text)}`],
  (text) => ['GET', `/notes?title=eq.${plain(text)}`],
  (text) => ['GET', `/notes?title=in.(${quoted(text)},${plain(text)})`],
  (text) => ['GET', `/notes?title=fts(${plain(text)}).word`],
  (text) => ['GET', `/notes?title=like(any).${plain(text)}`],
  (text) => ['GET', `/notes?or=(title.eq.${quoted(text)},id.eq.1)`],
  (text) => ['GET', `/notes?or=${plain(text)}`],
  (text) => ['GET', `/notes?${quoted(text)}=eq.1`],
  (text) => ['GET', `/notes?info->${quoted(text)}=eq.1`],
  (text) => ['GET', `/notes?select=${quoted(text)}:id,info->>${quoted(text)}`],
  (text) => ['GET', `/notes?select=${plain(text)}`],
  (text) => ['GET', `/notes?select=id,${quoted(text)}:covers(${quoted(text)}:colour)`],
  (text) => ['GET', `/notes?order=${quoted(text)}.desc`],
  (text) => ['GET', `/notes?order=${plain(text)}`],
  (text) => ['GET', `/notes?limit=${plain(text)}&offset=${plain(text)}`],
  (text) => ['GET', `/${plain(text)}`],
  (text) => ['POST', `/plain?columns=${quoted(text)}`, { raw: '{}' }],
  (text) => ['POST', '/plain', { body: { [text]: text } }],
  (text) => ['POST', '/plain', { body: { c: text } }],
  (text) => ['POST', `/labels?on_conflict=${quoted(text)}`, { body: { id: 1, word: text }, headers: merging }],
  (text) => ['PATCH', `/plain?c=eq.${plain(text)}`, { body: { c: text } }],
  (text) => ['POST', '/rpc/kinds', { body: { j: text, t: text } }],
  (text) => ['GET', `/rpc/joined?words=${plain(text)}&words=${plain(text)}`],
  (text) => ['GET', `/rpc/setting?name=request.path&${plain(text)}=1`],
  (text) => ['POST', '/rpc/whoami', { headers: { Prefer: `timezone=${plain(text)}`, 'X-Sly': plain(text) } }],
];

const merging = { Prefer: 'resolution=merge-duplicates' };

/** Codes of a statement that was not the one that was meant. */
const broken = ['42601', '42000', 'XX000'];

test('no place of a request breaks the statement that it is put into', async () => {
  const property = fc.asyncProperty(fc.constantFrom(...places), sly, async (place, text) => {
    const [method, path, sent] = place(text);
    const got = await scene.send(method, path, { as: 'ana', ...sent });
    expect({ status: got.status, body: got.body }).not.toMatchObject({ body: { code: expect.toBeOneOf(broken) } });
    expect(got.status).toBeLessThan(502);
    expect(got.status === 500 ? got.body : null).toBeNull();
  });
  await fc.assert(property, { seed: inject('seed'), numRuns: 600 });
});

test('nor does it change who is asked for', async () => {
  const property = fc.asyncProperty(sly, async (text) => {
    const token = await scene.door.sign({ role: 'authenticated', sub: text, note: { [text]: text } });
    const got = await scene.send('POST', '/rpc/whoami', { as: { token } });
    expect(got.body).toBe('authenticated');
  });
  await fc.assert(property, { seed: inject('seed'), numRuns: 100 });
});
