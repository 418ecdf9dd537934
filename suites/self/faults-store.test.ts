/** Faults that depend on the project: its limiter's store is locked, its client's clock is off. */

import { describe, expect, onTestFinished, test } from 'vitest';
import { clientFaults } from '../../chaos/faults/clock.ts';
import { CannotOccur } from '../../chaos/faults/fault.ts';
import { limiterUnavailable } from '../../chaos/faults/store-locked.ts';
import { moments } from '../../chaos/model.ts';
import { anon } from '../../fixtures/act/personas.ts';
import { fileLab } from '../file-lab.ts';
import { faultScene, toldBy } from './faults-scene.ts';

const lab = fileLab();

async function coreField() {
  const { field } = await faultScene({ lab }, limiterUnavailable);
  const db = await lab.clone({ project: 'supabase/core', platform: 'supabase' });
  onTestFinished(() => db[Symbol.asyncDispose]());
  return { ...field, db, owner: db.owner };
}

describe('limiter-unavailable', () => {
  const count = "SET lock_timeout = '50ms'; SELECT count(*) FROM core_rate_limits";

  test('nobody can read or write the store until it is healed', async () => {
    const field = await coreField();
    const heal = await limiterUnavailable.apply(field);
    expect(await toldBy(field.owner.script(count))).toBe('55P03');
    await heal();
    await heal();
    expect(await toldBy(field.owner.script(count))).toBe('answered');
  });

  test('a client that is in the store already keeps it, and the fault says that it cannot occur', async () => {
    const field = await coreField();
    const other = await field.db.connectAsOwner();
    await other.script('BEGIN; LOCK TABLE core_rate_limits IN ROW EXCLUSIVE MODE');
    await expect(limiterUnavailable.apply(field)).rejects.toThrow(/the client has .*core_rate_limits already/);
    await other.script('ROLLBACK');
    expect(await toldBy(field.owner.script(count))).toBe('answered');
  });

  test('a project without a limiter has nothing that could be locked', async () => {
    const { field } = await faultScene({ lab }, limiterUnavailable);
    await expect(limiterUnavailable.apply(field)).rejects.toThrow(CannotOccur);
  });
});

describe('a clock that is off', () => {
  const stamp = "'2026-01-01 10:00:00+00'::timestamptz";
  const says = (sql: string) => ({ persona: anon(), sql });
  const named = `SELECT * FROM public.core_append_event_v1(p_scope => NULL, p_key => 'k', p_client_ts => ${stamp})`;
  const placed = `SELECT * FROM public.core_append_event_v1(NULL, 'a', '{}', 'k', ${stamp}, 'trace')`;

  test.each(clientFaults)(
    '$id: the timestamp of the client is shifted, named or by its place, and nothing else',
    async (fault) => {
      const { db } = await coreField();
      const shifted = `CAST(${stamp} AS timestamp with time zone) + ${fault.id === 'clock-ahead' ? "'1 hour'" : "'-1 hour'"}::interval`;
      for (const sql of [named, placed]) {
        const changed = fault.changed(says(sql), db.catalog);
        expect(changed).toEqual(says(sql.replace(stamp, shifted)));
      }
    },
  );

  test('a call without a timestamp of the client gives no hold, also where it takes another timestamp', async () => {
    const { db } = await coreField();
    for (const sql of ['SELECT * FROM core_purge_rate_limits_v1($$k$$)', 'SELECT now()', 'TABLE core_members'])
      for (const fault of clientFaults)
        expect(fault.changed(says(sql), db.catalog)).toBe('the call takes no timestamp of the client');
  });

  test('it strikes when the call is made, and at no other moment', () => {
    for (const { never } of clientFaults) expect(moments.filter((moment) => !(moment in never))).toEqual(['query']);
  });
});
