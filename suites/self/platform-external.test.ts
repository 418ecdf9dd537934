/** The hosted platform on a server of others, where Rowproof may be no superuser. */

import { describe, expect, inject, test } from 'vitest';
import { applyPlatform } from '../../fixtures/platform/apply.ts';
import { ident, literal } from '../../fixtures/wire/escape.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { column, onServer, scratchDatabase } from './migrate-scratch.ts';

const table = 'CREATE TABLE public.t (x int)';
const routine = "CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 7'";

describe('on a server of others', () => {
  test('the owner of a database gets the platform without being a superuser', async () => {
    const server = inject('server');
    const owner = { user: `rowproof_owner_${server.run}`, password: 'not a secret' };
    await onServer(server, `CREATE ROLE ${ident(owner.user)} LOGIN CREATEDB PASSWORD ${literal(owner.password)}`);
    {
      const access = { ...server, kind: 'external', admin: owner, superuser: false } as const;
      await using theirs = await scratchDatabase(access, 'supabase');
      await theirs.admin.script(`${table}; ${routine}`);
      expect(
        await column(
          theirs.admin,
          "SELECT has_table_privilege('anon', 't', 'SELECT') AND has_function_privilege('anon', 'f()', 'EXECUTE')",
        ),
      ).toEqual([true]);
      expect(await column(theirs.admin, 'SHOW search_path')).toEqual(['"$user", public, extensions']);
    }
    await onServer(server, `DROP ROLE ${ident(owner.user)}`);
  });

  test('a user who may not create schemas is told so', async () => {
    const server = inject('server');
    await using plain = await scratchDatabase(server, 'plain');
    const access = { ...server, kind: 'external', admin: server.login, superuser: false } as const;
    await using login = await openSession(access, { database: plain.name, as: 'login' });
    await expect(applyPlatform(login, access, 'supabase')).rejects.toMatchObject({
      name: 'CannotRun',
      message: expect.stringContaining(server.login.user),
      fix: expect.stringContaining('superuser'),
    });
  });
});
