/** Faults of the client's backend: what the client is told, that nothing of its transaction is stored, and that healing leaves nothing. */

import { describe, expect, test } from 'vitest';
import { cancelled, terminated } from '../../chaos/faults/backend.ts';
import { deadlock } from '../../chaos/faults/deadlock.ts';
import { CannotOccur } from '../../chaos/faults/fault.ts';
import { serializationFailure } from '../../chaos/faults/serialization.ts';
import { lockTimeout, statementTimeout } from '../../chaos/faults/timeouts.ts';
import { fileLab } from '../file-lab.ts';
import { faultScene, heldAt, leftBy, nothing, startingScene, toldBy, waits } from './faults-scene.ts';

const lab = fileLab();

const faults = [
  { fault: terminated, code: '57P01' },
  { fault: cancelled, code: '57014' },
  { fault: statementTimeout, code: '57014' },
  { fault: lockTimeout, code: '55P03' },
  { fault: deadlock, code: '40P01' },
];

describe.each(faults)('$fault.id', ({ fault, code }) => {
  test(`a statement under way ends with ${code}, nothing is stored, and healing leaves nothing`, async () => {
    const scene = await faultScene({ lab }, fault);
    await scene.client.script("BEGIN; INSERT INTO written VALUES ('a')");
    const { told } = await heldAt(scene, waits);
    const healing = await fault.apply(scene.field);
    expect(await told).toBe(code);
    await scene.heal(healing);
    if (fault !== terminated) await scene.client.query('ROLLBACK');
    expect(await leftBy(scene)).toEqual(nothing);
  });
});

const deferred = `
  CREATE FUNCTION public.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NULL; END $$;
  CREATE CONSTRAINT TRIGGER wait AFTER INSERT ON public.written DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION public.wait()`;

describe.each(faults.filter(({ fault }) => !('commit' in fault.never)))('$fault.id at COMMIT', ({ fault, code }) => {
  test(`it ends with ${code}, and nothing is stored`, async () => {
    const scene = await faultScene({ lab }, fault);
    await scene.field.owner.script(deferred);
    await scene.client.script("BEGIN; INSERT INTO written VALUES ('a')");
    const { told } = await heldAt(scene, 'COMMIT');
    await scene.heal(await fault.apply(scene.field));
    expect(await told).toBe(code);
    expect(await leftBy(scene)).toEqual(nothing);
  });
});

describe.each([
  { fault: terminated, code: /Connection terminated/ },
  { fault: cancelled, code: /57014/ },
])('$fault.id in start-up', ({ fault, code }) => {
  test('the client does not come in, and the next one does', async () => {
    const { field, login } = await startingScene({ lab }, fault);
    await fault.apply(field);
    expect(await login.goOn()).toMatch(code);
    expect(await toldBy(field.db.connect())).toBe('answered');
  });
});

describe('serialization-failure', () => {
  const readsAndWrites = "INSERT INTO written SELECT 'b' FROM read";

  test.each(['between', 'commit'])('at %s the transaction fails with 40001, and healing leaves nothing', async (at) => {
    const scene = await faultScene({ lab }, serializationFailure);
    const { client, field, heal } = scene;
    await client.script('BEGIN; SELECT 1');
    if (at === 'commit') await client.script(readsAndWrites);
    const healing = await serializationFailure.apply(field);
    const told = await toldBy(client.script(at === 'commit' ? 'COMMIT' : `${readsAndWrites}; COMMIT`));
    expect(told).toBe('40001');
    await client.script('ROLLBACK');
    await heal(healing);
    expect(await leftBy(scene)).toEqual(nothing);
  });

  test('a statement that waits for its table before it writes a row fails with 40001', async () => {
    const scene = await faultScene({ lab }, serializationFailure);
    const { client, field, heal } = scene;
    await field.holder()?.script('BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE read IN ACCESS EXCLUSIVE MODE');
    await client.script('BEGIN');
    const { told } = await heldAt(scene, "UPDATE read SET mark = 'struck'");
    const healing = await serializationFailure.apply(field);
    expect(await told).toBe('40001');
    await client.script('ROLLBACK');
    await heal(healing);
    expect(await leftBy(scene)).toEqual(nothing);
  });

  test('a client that reads nothing is not struck, and rows are as they were', async () => {
    const { client, field } = await faultScene({ lab }, serializationFailure);
    await client.script('BEGIN; SELECT 1');
    await serializationFailure.apply(field);
    expect(await toldBy(client.script("INSERT INTO written VALUES ('b'); COMMIT"))).toBe('answered');
    expect((await field.owner.query('SELECT mark FROM read')).rows).toEqual([{ mark: 'there' }]);
  });
});

test('deadlock: a client that catches the error goes on, and nobody waits for its tables', async () => {
  const scene = await faultScene({ lab }, deadlock);
  const caught = `DO $$ BEGIN PERFORM pg_advisory_xact_lock_shared(1); EXCEPTION WHEN deadlock_detected THEN NULL; END $$`;
  await scene.client.script("BEGIN; INSERT INTO written VALUES ('a')");
  const { told } = await heldAt(scene, caught);
  const healing = await deadlock.apply(scene.field);
  expect(await told).toBe('answered');
  await scene.field.holder()?.query('SELECT 1');
  await scene.client.query('COMMIT');
  await scene.heal(healing);
  expect(await leftBy(scene)).toEqual({ ...nothing, written: ['a'] });
});

describe('where a fault cannot strike', () => {
  test('a backend that is gone: the fault says so, instead of doing nothing', async () => {
    const { field } = await faultScene({ lab }, terminated);
    await terminated.apply(field);
    for (const fault of [terminated, cancelled])
      await expect(fault.apply(field)).rejects.toThrow('there is no backend');
  });

  test('a client between two statements: the server ignores that it is cancelled', async () => {
    const scene = await faultScene({ lab }, cancelled);
    await scene.client.script("BEGIN; INSERT INTO written VALUES ('a')");
    await cancelled.apply(scene.field);
    expect(await toldBy(scene.client.query('COMMIT'))).toBe('answered');
    expect((await leftBy(scene)).written).toEqual(['a']);
  });

  test('a COMMIT that takes longer than a statement may: it is done', async () => {
    const scene = await faultScene({ lab }, statementTimeout);
    await scene.field.owner.script(deferred.replace('pg_advisory_xact_lock_shared(1)', 'pg_sleep(2)'));
    await scene.client.script("BEGIN; INSERT INTO written VALUES ('a')");
    expect(await toldBy(scene.client.query('COMMIT'))).toBe('answered');
    expect((await leftBy(scene)).written).toEqual(['a']);
  });

  test('a client that holds no table, or waits for nobody, cannot be part of a deadlock', async () => {
    const scene = await faultScene({ lab }, deadlock);
    await expect(deadlock.apply({ ...scene.field, holder: () => null })).rejects.toThrow(CannotOccur);
    const { told } = await heldAt(scene, waits);
    await expect(deadlock.apply(scene.field)).rejects.toThrow('the client holds no table');
    await cancelled.apply(scene.field);
    expect(await told).toBe('57014');
  });
});
