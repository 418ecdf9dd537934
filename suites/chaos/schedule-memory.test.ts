/** Random schedules of faults over random requests of tenants, beside the reference model of memory chunks. */

import { describe, expect, it } from 'vitest';
import { steps } from '../../chaos/schedule-draw.ts';
import type { Database } from '../../fixtures/lab/lab.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { memoryProject as project } from '../acceptance/memory/project.ts';
import { fileLab } from '../file-lab.ts';
import { command } from './memory-model.ts';
import { memoryModelled } from './memory-modelled.ts';
import { contradiction, hold, patience } from './schedule-scene.ts';

const lab = fileLab();
const drawn = steps(command, 30);
const by = (db: Database) => ({ system: 'memory', modelled: memoryModelled(db), steps: drawn, db });

describe('schedules memory', () => {
  it(
    'random faults over random requests leave what one order of them leaves, each once or not at all',
    patience(),
    async (test) => {
      await using db = await lab.clone({ project });
      await hold(test, by(db));
    },
  );

  it('without the primary key a chunk that is sent again is there twice, and the schedule is short', async () => {
    await using db = await lab.clone({ project });
    await db.owner.script('ALTER TABLE public.memory_chunks DROP CONSTRAINT memory_chunks_pkey');
    expect(await contradiction(by(db))).toMatch(/expected 23505\ngot {6}1/);
  });

  it('where the tenant outlives its request, the next one on the connection is somebody else, and the schedule is short', async () => {
    await using db = await lab.clone({ project });
    const modelled = memoryModelled(db);
    // As the first stage named it: for the session.
    const leaking: typeof modelled = {
      ...modelled,
      probeOf: (world, taken) => {
        const { persona, sql } = modelled.probeOf(world, taken);
        const [named] = persona.settings;
        if (named === undefined) return { persona, sql };
        const first = [`SELECT set_config(${literal(named.name)}, ${literal(named.value)}, false)`];
        return { persona: { ...persona, settings: [] }, first, sql };
      },
    };
    expect(await contradiction({ ...by(db), modelled: leaking })).toMatch(/nobody .*\n(expected|memory_chunks)/s);
  });
});
