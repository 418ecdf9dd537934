/** A small project behind a front door, and requests to it. */

import { afterAll, beforeAll, inject } from 'vitest';
import { type DoorConfig, type FrontDoor, openDoor } from '../../fixtures/door/door.ts';
import { schema } from './door-schema.ts';
import { type ScratchDatabase, scratchDatabase } from './migrate-scratch.ts';

export const ANA = 'aaaaaaaa-0000-4000-8000-000000000001';
export const BEN = 'bbbbbbbb-0000-4000-8000-000000000002';

/** Who asks: nobody, a user, or the server's own key; or a token as it is. */
export type Who = 'anon' | 'ana' | 'ben' | 'service' | { readonly token: string };

export interface Sent {
  readonly as?: Who;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Got {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body read as JSON; null where there is none. */
  readonly body: unknown;
}

export interface DoorScene {
  readonly door: FrontDoor;
  readonly database: ScratchDatabase;
  /** `send('GET', '/notes?select=id')` */
  send(method: string, path: string, sent?: Sent): Promise<Got>;
}

/** One database and door for the tests of a file. */
export function doorScene(config: Partial<DoorConfig> = {}): DoorScene {
  let database: ScratchDatabase;
  let door: FrontDoor;
  beforeAll(async () => {
    const access = inject('server');
    database = await scratchDatabase(access, 'supabase');
    await database.admin.script(schema);
    door = await openDoor({ access, database: database.name, config });
  });
  afterAll(async () => {
    await door[Symbol.asyncDispose]();
    await database[Symbol.asyncDispose]();
  });
  return {
    get door() {
      return door;
    },
    get database() {
      return database;
    },
    send: (method, path, sent = {}) => ask(door, method, path, sent),
  };
}

/** One request to a door. */
export async function ask(door: FrontDoor, method: string, path: string, sent: Sent): Promise<Got> {
  const token = await tokenOf(door, sent.as ?? 'anon');
  const body = sent.raw ?? (sent.body === undefined ? null : JSON.stringify(sent.body));
  const response = await door.fetch(`${door.url}/rest/v1${path}`, {
    method,
    headers: {
      ...(body === null ? {} : { 'Content-Type': 'application/json' }),
      ...(token === null ? {} : { Authorization: `Bearer ${token}` }),
      ...sent.headers,
    },
    body,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
}

async function tokenOf(door: FrontDoor, who: Who): Promise<string | null> {
  if (who === 'anon') return null;
  if (typeof who === 'object') return who.token;
  if (who === 'service') return await door.sign({ role: 'service_role' });
  return await door.sign({ role: 'authenticated', aud: 'authenticated', sub: who === 'ana' ? ANA : BEN });
}
