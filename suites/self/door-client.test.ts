/** supabase-js reaches a database through a door as applications do. */

import { createClient } from '@supabase/supabase-js';
import { expect, test } from 'vitest';
import { ANA, doorScene } from './door-scene.ts';

const scene = doorScene();

async function clientOf(claims: Readonly<Record<string, unknown>>) {
  const { door } = scene;
  return createClient(door.url, await door.sign({ role: 'anon' }), {
    auth: { persistSession: false, autoRefreshToken: false },
    accessToken: () => door.sign(claims),
    global: { fetch: door.fetch },
  });
}

test('rows, counts and calls come back as from any PostgREST', async () => {
  const ana = await clientOf({ role: 'authenticated', sub: ANA });
  const read = await ana.from('notes').select('id, title', { count: 'exact' }).order('id').limit(2);
  expect(read).toMatchObject({ status: 206, count: 4, data: [{ id: 1, title: 'First' }, { id: 2 }] });
  expect(await ana.rpc('add', { a: 1 })).toMatchObject({ status: 200, data: 11 });
  expect(await ana.from('shut').select()).toMatchObject({ status: 403, error: { code: '42501' } });
});

test('a list of unlike objects is inserted by the columns that the client names', async () => {
  const ana = await clientOf({ role: 'authenticated', sub: ANA });
  const made = await ana
    .from('plain')
    .insert([{ a: 100, b: 1 }, { a: 101 }])
    .select();
  expect(made).toMatchObject({
    status: 201,
    data: [
      { a: 100, b: 1, c: 'see' },
      { a: 101, b: null },
    ],
  });
});
