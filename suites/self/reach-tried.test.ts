/** Whether a request gets at what a finding is about, told by trying; each line was thought through by hand. */

import { afterAll, describe, expect, inject, test } from 'vitest';
import { check } from '../../fixtures/engine/check.ts';
import { openLab } from '../../fixtures/lab/lab.ts';
import type { Plant } from '../../fixtures/model/attack.ts';
import type { Finding, Reach } from '../../fixtures/model/verdict.ts';
import { loadAttacks } from '../load-attacks.ts';
import { projectOf } from './project-of.ts';

const lab = openLab(inject('server'));
const attacks = await loadAttacks();

afterAll(() => lab[Symbol.asyncDispose]());

const same = 'a request shows the same';
const plain = 'a plain PostgreSQL project has no front door';
const unsaid = (words: string) => `HTTP has no words for it: ${words}`;
const service = (name: string) => `the service for ${name} speaks for a caller there, and is not tried`;

/** Attack, which of its plants, and what is to be said of its first finding. */
const lines: readonly (readonly [string, number, Reach, string])[] = [
  // A role of the API reads or writes with one statement.
  ['read-foreign-row', 0, 'http', same],
  ['read-claim-user-metadata', 0, 'http', same],
  ['read-column-revoke-noop', 0, 'http', same],
  ['write-foreign-row', 0, 'http', same],
  ['write-forged-owner', 0, 'http', same],
  ['write-through-view', 0, 'http', same],
  ['write-tenant-move', 0, 'http', same],
  ['rpc-foreign-row', 0, 'http', same],
  ['rpc-identity-argument', 0, 'http', same],
  ['rpc-sql-injection', 0, 'http', same],
  ['grant-revoke-noop', 0, 'http', same],
  // What it learns stands in the body of an error.
  ['rpc-error-canary', 0, 'http', same],
  // It writes with one request and profits with the next.
  ['write-privileged-column', 0, 'http', same],
  // Statements that no request becomes.
  ['write-truncate-grant', 0, 'database_only', unsaid('TRUNCATE')],
  ['grant-lock-table', 0, 'database_only', unsaid('LOCK')],
  ['session-notify-payload', 0, 'database_only', unsaid('LISTEN')],
  ['trigger-grant-code-exec', 0, 'database_only', unsaid('CREATE')],
  ['sequence-setval-collision', 0, 'database_only', unsaid('setval, a function of PostgreSQL itself')],
  // PostgREST serves no sequence.
  ['sequence-volume-leak', 0, 'database_only', 'a request is refused with 42P01'],
  // No request sets a setting, and notices stay behind the door.
  ['rpc-guc-guard', 0, 'database_only', unsaid('a setting that no request can set')],
  ['rpc-notice-canary', 0, 'database_only', unsaid('a setting that no request can set')],
  // A role that is not the API's has to log in itself.
  ['read-bypassrls-role', 0, 'database_only', unsaid('a login of its own')],
  ['grant-read-all-data', 0, 'database_only', plain],
  // Other services of the platform speak there.
  ['supabase-storage-private', 0, 'untested', service('storage')],
  ['supabase-signup-metadata-role', 0, 'untested', service('auth')],
  // It can be done over HTTP; that it worked can only be seen over the wire.
  [
    'session-setting-outlives',
    1,
    'untested',
    'HTTP has words for the act, and none for what shows it: current_setting, a function of PostgreSQL itself',
  ],
  // One request could hold it all, but not the attack's own statements.
  [
    'rpc-invoker-exec-set-role',
    0,
    'untested',
    'over HTTP its statements are requests of their own, which show nothing of it',
  ],
];

describe('a finding of', () => {
  test.each(lines)('%s, plant %i, is %s: %s', async (id, at, reachable, reachedBecause) => {
    const attack = attacks.find((one) => one.id === id);
    const plant: Plant | undefined = attack?.plants[at];
    if (attack === undefined || plant === undefined) throw new Error('there is no such plant');
    const { base, plant: hole, platform } = plant;
    const project = await projectOf({ '1_base.sql': base, '2_plant.sql': hole });
    const found = await check(lab, { ...common, project, platform, attacks: [attack], overHttp: true });
    expect(found.findings[0]).toMatchObject({ attack: id, reachable, reachedBecause });
    expect(found.findings[0]?.triedAt !== null).toBe(/^(a request|over HTTP)/.test(reachedBecause));
  });
});

const common = { seed: 1, today: '2000-01-01' } as const;

const TWO = `
CREATE SCHEMA internal;
GRANT USAGE ON SCHEMA internal TO anon;
CREATE TABLE public.open_notes (id int PRIMARY KEY, owner_id uuid REFERENCES auth.users (id), body text);
CREATE TABLE internal.hidden_notes (id int PRIMARY KEY, owner_id uuid REFERENCES auth.users (id), body text);
GRANT SELECT ON internal.hidden_notes TO anon;`;

describe('of two tables that anybody reads', () => {
  const attack = attacks.filter(({ id }) => id === 'read-foreign-row');
  const found = async (overHttp: boolean): Promise<readonly Finding[]> => {
    const project = await projectOf({ '1_two.sql': TWO, '../config.toml': '[api]\nschemas = ["public"]\n' });
    return (await check(lab, { ...common, project, platform: 'supabase', attacks: attack, overHttp })).findings;
  };

  test('the one in a schema that the API does not serve is out of reach, and as light as before', async () => {
    const told = (await found(true)).map(({ surface, severity, reachable }) => [surface.name, severity, reachable]);
    expect(told.toSorted()).toEqual([
      ['internal.hidden_notes', 'low', 'database_only'],
      ['public.open_notes', 'critical', 'http'],
    ]);
  });

  test('nothing besides the reach depends on trying', async () => {
    const without = ({ reachable: _, triedAt: __, reachedBecause: ___, ...rest }: Finding) => rest;
    expect((await found(true)).map(without)).toEqual((await found(false)).map(without));
    expect((await found(false)).map(({ reachedBecause }) => reachedBecause)).toEqual([null, null]);
  });
});
