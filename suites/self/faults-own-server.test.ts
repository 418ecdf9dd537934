/** Faults of a server that is this run's own: it stops, crashes, has no connection or no disk left, and is well after healing. */

import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { diskFull } from '../../chaos/faults/disk-full.ts';
import { CannotOccur } from '../../chaos/faults/fault.ts';
import { restartFast, restartImmediate } from '../../chaos/faults/restart.ts';
import { serverFaults } from '../../chaos/faults/server.ts';
import { slotsUsedUp } from '../../chaos/faults/slots-used-up.ts';
import { type Lab, openLab } from '../../fixtures/lab/lab.ts';
import { bootDisposable, type DisposableServer } from '../../fixtures/servers/disposable.ts';
import { openSession } from '../../fixtures/wire/session.ts';
import { fileLab } from '../file-lab.ts';
import { type FaultScene, faultScene, heldAt, startingScene, toldBy, waits } from './faults-scene.ts';
import { silent, withEngine } from './servers-support.ts';

const shared = fileLab();
let own: DisposableServer;
let lab: Lab;

beforeAll(async () => {
  own = await bootDisposable({ kind: inject('server').kind, env: withEngine(), say: silent });
  lab = openLab(own.access);
});
afterAll(async () => {
  await lab[Symbol.asyncDispose]();
  await own.stop();
});

const ground = () => ({ lab, server: own.control });

async function freshly(
  { field: { access, db } }: Pick<FaultScene, 'field'>,
  sql: string,
  as: 'admin' | 'login' = 'login',
) {
  await using session = await openSession(access, { database: db.name, as, connectTimeout: 2_000 });
  return (await session.query(sql)).rows;
}

describe.each([
  { fault: restartFast, seen: /^57P01$/ },
  { fault: restartImmediate, seen: /Connection terminated/ },
])('$fault.id', ({ fault, seen }) => {
  test(`a statement under way ends with ${seen}, nobody is let in until it is healed, and what was committed is there`, async () => {
    const scene = await faultScene(ground(), fault);
    await scene.client.script("INSERT INTO written VALUES ('a')");
    await scene.client.script("BEGIN; INSERT INTO written VALUES ('b')");
    const { told } = await heldAt(scene, waits);
    const healing = await fault.apply(scene.field);
    onTestFinished(healing);
    expect(await told).toMatch(seen);
    expect(await toldBy(freshly(scene, 'SELECT 1'))).toMatch(/^ECONNRE(FUSED|SET)$|Connection terminated/);
    await scene.heal(healing);
    expect(await freshly(scene, 'SELECT mark FROM written')).toEqual([{ mark: 'a' }]);
  });
});

describe('slots-used-up', () => {
  test('nobody is let in, who is in goes on, a superuser still gets in, and healing gives all connections back', async () => {
    const scene = await faultScene(ground(), slotsUsedUp);
    const healing = await slotsUsedUp.apply(scene.field);
    onTestFinished(healing);
    expect(await toldBy(freshly(scene, 'SELECT 1'))).toBe('53300');
    expect(await toldBy(scene.client.query("INSERT INTO written VALUES ('a')"))).toBe('answered');
    expect(await freshly(scene, 'SELECT mark FROM written', 'admin')).toEqual([{ mark: 'a' }]);
    await scene.heal(healing);
    const opened = await Promise.all(Array.from({ length: 20 }, () => scene.field.db.connect()));
    expect(opened).toHaveLength(20);
  });

  test('in start-up the client is refused after its proof', async () => {
    const { field, login } = await startingScene(ground(), slotsUsedUp);
    const heal = await slotsUsedUp.apply(field);
    expect(await login.goOn()).toBe('53300');
    await heal();
  });
});

describe('disk-full', () => {
  const fills = `INSERT INTO written SELECT repeat(n::text, 200) FROM generate_series(1000, 1100) AS n`;
  const space = "SELECT spcname FROM pg_tablespace WHERE spcname NOT LIKE 'pg\\_%'";

  test('a write ends with 53100, reads go on, and after healing it is done and no tablespace is left', async () => {
    const scene = await faultScene(ground(), diskFull).catch(cannotOccur);
    if (scene instanceof CannotOccur) return expect(scene.message).toMatch(/^a small disk /);
    expect(await toldBy(scene.client.query(`${fills} LIMIT 10`))).toBe('answered');
    const healing = await diskFull.apply(scene.field);
    expect(await toldBy(scene.client.query("INSERT INTO written SELECT n FROM repeat('b', 500) AS n"))).toBe('53100');
    expect(await freshly(scene, 'SELECT count(*)::int AS n FROM written')).toEqual([{ n: 10 }]);
    await scene.heal(healing);
    expect(await toldBy(scene.client.query(`${fills} OFFSET 10`))).toBe('answered');
    expect(await freshly(scene, space)).toEqual([]);
    expect(await freshly(scene, "SELECT reloptions FROM pg_class WHERE relname = 'written'")).toEqual([
      { reloptions: null },
    ]);
  });
});

function cannotOccur(error: unknown): CannotOccur {
  if (error instanceof CannotOccur) return error;
  throw error;
}

test('on a server that is shared none of them can occur, and each says so', async () => {
  const { field } = await faultScene({ lab: shared }, slotsUsedUp);
  for (const fault of [restartFast, restartImmediate, slotsUsedUp])
    await expect(fault.apply(field)).rejects.toThrow(new CannotOccur('the server is shared with others'));
  await expect(diskFull.arm?.(field)).rejects.toThrow(CannotOccur);
  expect(serverFaults).toEqual(expect.arrayContaining([restartFast, restartImmediate, slotsUsedUp, diskFull]));
});
