/** The names in `access.yaml`, compared with the project's; and how long a waiver counts. */

import { describe, expect, test } from 'vitest';
import { checkNames, requireKnownNames } from '../../fixtures/contract/names.ts';
import { describeWaivers, waiverFor } from '../../fixtures/contract/waivers.ts';
import type { Catalog, Relation, Routine } from '../../fixtures/model/catalog.ts';
import type { Contract } from '../../fixtures/model/contract.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';

describe('Names in access.yaml', () => {
  const relation = {
    name: 'public.docs',
    platform: false,
    columns: [{ name: 'id' }, { name: 'body' }],
  } as unknown as Relation;
  const routine = (args: string) =>
    ({
      name: `public.send(${args})`,
      schema: 'public',
      proname: 'send',
      platform: false,
      arguments: [{ name: 'p_to' }],
    }) as unknown as Routine;
  const catalog = {
    relations: [relation],
    routines: [routine('uuid,text')],
    roles: [{ name: 'authenticated' }],
  } as unknown as Catalog;
  const personas = [
    { name: 'owner-a', role: 'authenticated' },
    { name: 'anon', role: 'anon' },
  ];
  const contract = (...examples: Contract['examples']): Contract => ({ version: 1, flows: [], examples, waivers: [] });
  const send = { routine: 'public.send', persona: 'owner-a', arguments: { p_to: 'x' } };

  test('known personas, roles, routines and arguments are silent', () => {
    expect(checkNames(contract(send, { ...send, persona: 'authenticated' }), catalog, personas)).toEqual([]);
  });

  test.for([
    [
      'persona',
      contract(send, { ...send, persona: 'ownr-a' }),
      'examples[1].persona: there is no persona or role `ownr-a` (did you mean `owner-a`?)',
    ],
    [
      'routine',
      contract({ ...send, routine: 'public.sent' }),
      'examples[0].routine: there is no routine `public.sent` (did you mean `public.send`?)',
    ],
    [
      'argument',
      contract({ ...send, arguments: { p_too: 1 } }),
      'examples[0].arguments: public.send(uuid,text) has no argument `p_too` (did you mean `p_to`?)',
    ],
  ] as const)('an unknown %s is named', ([, given, sentence]) => {
    expect(checkNames(given, catalog, personas)).toEqual([sentence]);
  });

  test('an overloaded routine must be named by its signature', () => {
    const overloaded = { ...catalog, routines: [routine('uuid,text'), routine('uuid')] };
    expect(checkNames(contract(send), overloaded, personas)).toEqual([
      'examples[0].routine: `public.send` is overloaded; write one of `public.send(uuid,text)`, `public.send(uuid)`',
    ]);
    expect(checkNames(contract({ ...send, routine: 'public.send(uuid)' }), overloaded, personas)).toEqual([]);
  });

  test('an unknown name ends the run with one sentence', () => {
    const wrong = contract({ ...send, persona: 'x' }, { ...send, persona: 'y' });
    expect(() => requireKnownNames('access.yaml', wrong, catalog, personas)).toThrow(
      new CannotRun(
        'access.yaml: examples[0].persona: there is no persona or role `x`, and 1 more such mistake.',
        'Correct the name, or remove the entry.',
      ),
    );
  });
});

describe('Waivers', () => {
  const contract: Contract = {
    version: 1,
    flows: [],
    examples: [],
    waivers: [{ key: 'k', reason: 'r', expires: '2026-11-21' }],
  };

  test('a waiver counts up to and on the day on which it expires', () => {
    expect(waiverFor(contract, 'k', '2026-11-20')?.reason).toBe('r');
    expect(waiverFor(contract, 'k', '2026-11-21')?.reason).toBe('r');
  });

  test('a waiver that has run out does not count, nor does one of another key', () => {
    expect(waiverFor(contract, 'k', '2026-11-22')).toBeNull();
    expect(waiverFor(contract, 'other', '2026-11-20')).toBeNull();
  });

  test.for([
    ['in force', ['k'], '2026-11-21', 'k: waived until 2026-11-21 (r)'],
    ['run out', ['k'], '2026-11-22', 'k: the waiver ran out on 2026-11-21 and no longer counts'],
    ['of nothing that was found', [], '2026-11-21', 'k: nothing like it was found, so the waiver can go'],
  ] as const)('a waiver %s is said', ([, shown, today, sentence]) => {
    expect(describeWaivers(contract, shown, today)).toEqual([sentence]);
  });
});
