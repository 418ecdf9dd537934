/** Which door is opened: the real PostgREST where it can run, the gateway elsewhere, and never another than was asked for. */

import { expect, inject, test } from 'vitest';
import { openDoor } from '../../fixtures/door/door.ts';
import { readAsOwner } from '../../fixtures/door/owner.ts';
import { CannotRun } from '../../fixtures/model/errors.ts';
import type { ServerAccess } from '../../fixtures/model/server.ts';
import { scratchDatabase } from './migrate-scratch.ts';

/** A server that a container could reach. */
const inContainer = (): ServerAccess => ({ ...inject('server'), inside: { host: '127.0.0.1', port: 5432 } });
const noEngine = { DOCKER_HOST: 'tcp://127.0.0.1:1' };

async function refusal(access: ServerAccess, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const door = await openDoor({ access, database: access.maintenanceDatabase, env });
    await door[Symbol.asyncDispose]();
    return `a ${door.kind}`;
  } catch (error) {
    if (error instanceof CannotRun) return error.message;
    throw error;
  }
}

test('a server outside every engine has the gateway', async () => {
  const { inside: _, ...access } = inject('server');
  expect(await refusal(access, {})).toBe('a gateway');
  expect(await refusal(access, { ROWPROOF_DOOR: 'gateway' })).toBe('a gateway');
  expect(await refusal(access, { ROWPROOF_DOOR: 'postgrest' })).toBe(
    'ROWPROOF_DOOR=postgrest cannot be had: the PostgreSQL server is no container, so none reaches it.',
  );
});

test('where no engine answers, so has one that a container could reach', async () => {
  expect(await refusal(inContainer(), noEngine)).toBe('a gateway');
  expect(await refusal(inContainer(), { ...noEngine, ROWPROOF_DOOR: 'postgrest' })).toBe(
    'ROWPROOF_DOOR=postgrest cannot be had: Docker at tcp://127.0.0.1:1 does not answer (ECONNREFUSED).',
  );
});

test('a door that does not exist is not guessed at', async () => {
  expect(await refusal(inject('server'), { ROWPROOF_DOOR: 'back' })).toBe(
    'ROWPROOF_DOOR is back; the doors are gateway and postgrest.',
  );
});

test('a door leads to its own database alone', async () => {
  const access = inject('server');
  const env = { ROWPROOF_DOOR: 'gateway' };
  await using door = await openDoor({ access, database: access.maintenanceDatabase, env });
  await expect(door.fetch('http://127.0.0.1:1/rest/v1/plain')).rejects.toThrow('its own database alone');
  await expect(door.fetch(`${door.url}.example/rest/v1/plain`)).rejects.toThrow('its own database alone');
  expect((await door.fetch(`${door.url}/auth/v1/token`)).status).toBe(501);
});

test('roles of a plain project are not measured by what the login of the platform may become', async () => {
  const access = inject('server');
  await using hosted = await scratchDatabase(access, 'supabase');
  await using plain = await scratchDatabase(access, 'plain');
  const beyond = async ({ name }: { readonly name: string }) => (await readAsOwner(access, name, null)).beyond;
  expect((await beyond(hosted)).has('postgres')).toBe(true);
  expect([...(await beyond(plain))]).toEqual([]);
});
