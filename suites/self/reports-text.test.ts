/** What reports make of names, of errors that arrive from workers, and of secrets. */

import { describe, expect, test } from 'vitest';
import { findObstacle } from '../../reports/failures.ts';
import { classNameOf, groupName, requirementIds } from '../../reports/names.ts';
import { redactAll, secretsOf } from '../../reports/secrets.ts';

describe('Names', () => {
  test.for([
    ['suites/acceptance/messaging-v2/rpc-refusals.test.ts', [], 'Messaging V2 › RPC refusals'],
    ['suites/acceptance/messaging/calls.test.ts', ['the exchange'], 'Messaging › the exchange'],
    ['suites/acceptance/messaging/calls.test.ts', ['Messaging, called'], 'Messaging, called'],
    ['suites/self/junit.test.ts', ['JUnit', 'files'], 'Self › JUnit › files'],
  ] as const)('%s %j is %s', ([file, headings, name]) => {
    expect(groupName(file, headings)).toBe(name);
  });

  test('a class name is unique to file and headings, and dots divide nothing else', () => {
    expect(classNameOf('suites/acceptance/shop/a.test.ts', ['v1.2'])).toBe('acceptance.shop.a.v1·2');
  });

  test.for([
    ['T-MSG-03 there are', ['T-MSG-03']],
    ['T-MEM-12b: there are', ['T-MEM-12b']],
    ['T-MEM-19 T-MEM-21 there are', ['T-MEM-19', 'T-MEM-21']],
    ['T-MEM-19', ['T-MEM-19']],
    ['T-DM-SELF-01 T-IDEMP-PAYLOAD there are', ['T-DM-SELF-01', 'T-IDEMP-PAYLOAD']],
    ['like T-MSG-03', []],
    ['T-MSG-03-x', []],
  ] as const)('the ids of "%s" are %j', ([name, ids]) => {
    expect(requirementIds(name)).toEqual(ids);
  });
});

describe('Errors that arrive from workers', () => {
  const cannotRun = { name: 'CannotRun', message: 'There are no migrations.', fix: 'Add some.' };
  const obstacle = { sentence: 'There are no migrations.', fix: 'Add some.' };

  test('CannotRun is known by its name, also below other errors', () => {
    expect(findObstacle([cannotRun])).toEqual(obstacle);
    expect(findObstacle([{ message: 'x' }, { message: 'y', cause: { message: 'z', cause: cannotRun } }])).toEqual(
      obstacle,
    );
  });

  test('an ordinary error is no obstacle, even if it speaks of CannotRun', () => {
    expect(findObstacle([{ name: 'Error', message: 'CannotRun' }])).toBeNull();
  });
});

describe('Secrets', () => {
  const access = {
    admin: { user: 'postgres', password: 'postgres' },
    login: { user: 'rowproof_x', password: 'a-drawn-one' },
  };

  test('passwords of connection strings are masked as written and decoded, also in broken ones', () => {
    const secrets = secretsOf(
      { ROWPROOF_DATABASE_URL: "postgres://me:p%40ss'w%@rd/x@h/db", DATABASE_URL: 'postgres://h/db?password=q%20uery' },
      null,
    );
    const said = redactAll(
      { a: ["p%40ss'w%@rd/x"], b: { c: 'with q uery or q%20uery in it' }, n: 1, z: null },
      secrets,
    );
    expect(said).toEqual({ a: ['[hidden]'], b: { c: 'with [hidden] or [hidden] in it' }, n: 1, z: null });
  });

  test("the server's drawn passwords are masked, a user's name is not", () => {
    const secrets = secretsOf({}, access as never);
    expect(redactAll('a-drawn-one of postgres', secrets)).toBe('[hidden] of postgres');
  });
});
