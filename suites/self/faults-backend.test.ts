/** Faults of one backend: what the client is told, what is left of its transaction, and that nobody else is struck. */

import { expect, test } from 'vitest';
import { cancelled, terminated } from '../../chaos/faults/backend.ts';
import { serverFaults } from '../../chaos/faults/server.ts';
import { fileLab } from '../file-lab.ts';
import { atWork, faultScene, toldBy } from './faults-scene.ts';

const lab = fileLab();

test.each([
  { fault: terminated, code: '57P01' },
  { fault: cancelled, code: '57014' },
])(
  '$fault.id: a statement under way ends with $code, and nothing of its transaction is stored',
  async ({ fault, code }) => {
    const scene = await faultScene(lab);
    const { field, client } = scene;
    await client.script("BEGIN; INSERT INTO written VALUES ('a')");
    const told = toldBy(client.query('SELECT pg_sleep(60)'));
    await atWork(scene);
    const heal = await fault.apply(field);
    expect(await told).toBe(code);
    await heal();
    await heal();
    if (fault === cancelled) await client.query('ROLLBACK');
    expect((await field.owner.query('SELECT mark FROM written')).rows).toEqual([]);
  },
);

test('a backend that is gone cannot be struck: the fault says so, instead of doing nothing', async () => {
  const { field, client } = await faultScene(lab);
  await terminated.apply(field);
  await expect(client.query('SELECT 1')).rejects.toThrow();
  for (const fault of [terminated, cancelled]) await expect(fault.apply(field)).rejects.toThrow('there is no backend');
});

test('the list names each fault once', () => {
  const ids = serverFaults.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
