/** What a front door alone has shown: told as such, replayed by a key, and no failure before PostgREST shows it. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test, vi } from 'vitest';
import { fails, SEVERITIES } from '../../fixtures/engine/telling.ts';
import schema from '../../reports/findings.schema.json' with { type: 'json' };
import type { FindingsFile } from '../../reports/findings.ts';
import { toJUnit } from '../../reports/junit.ts';
import { clean, entry, finding, group } from './sample-run.ts';
import { borrowedServer, folderWith, start } from './typed.ts';

// Each of these boots, migrates, attacks and stops.
vi.setConfig({ testTimeout: 120_000 });

const DESK = (lock: string) => `
CREATE OR REPLACE FUNCTION public.take_desk(p_desk int) RETURNS boolean LANGUAGE sql STABLE AS $$ SELECT ${lock}(p_desk) $$;`;
const HOLED = {
  '1_desks.sql':
    'CREATE TABLE public.desks (id int PRIMARY KEY); ALTER TABLE public.desks ENABLE ROW LEVEL SECURITY;\nCREATE POLICY seen ON public.desks FOR SELECT TO authenticated USING (auth.uid() IS NOT NULL);',
  '2_take.sql': DESK('pg_try_advisory_lock'),
};

describe('a finding', () => {
  test('fails no run where the gateway alone has shown it, whatever its severity', () => {
    for (const severity of SEVERITIES) {
      expect(fails({ severity, door: 'gateway' }, 'low')).toBe(false);
      expect(fails({ severity, door: 'postgrest' }, 'low')).toBe(true);
      expect(fails({ severity, door: null }, 'low')).toBe(true);
    }
    expect(fails({ severity: 'low', door: 'postgrest' }, 'medium')).toBe(false);
  });

  test('of the gateway stands in JUnit with its door, and what was held with the door that held it', () => {
    const tests = [
      entry('nobody leaves something', { finding: { ...finding, door: 'gateway' } }),
      entry('nobody reads', { held: 'gateway' }),
    ];
    const text = toJUnit({ ...clean, groups: [{ ...group, tests }] });
    expect(text).toContain('failures="0"');
    expect(text).toContain('<property name="door" value="gateway"/>');
    expect(text).toContain('Door:      gateway alone');
    expect(text).toContain('<property name="verdict" value="held (gateway)"/>');
  });
});

test('a hole that only requests show: told on the screen, exit 0, and its key replays until it is repaired', async () => {
  const folder = await folderWith(HOLED);
  const env = { ...borrowedServer(), ROWPROOF_DOOR: 'gateway' };
  const run = (...words: readonly string[]) => start(folder, words, env).ended;
  const { code, out } = await run('check', '.', '--only', 'http-get-effect');
  expect(out).toContain('door     gateway alone');
  expect(out).toContain('Over HTTP: 1 surface tried, 0 held (gateway)');
  expect(code).toBe(0);
  const file: FindingsFile = JSON.parse(await readFile(join(folder, 'reports/out/findings.json'), 'utf8'));
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(schema);
  expect(validate(file), JSON.stringify(validate.errors)).toBe(true);
  expect(file.findings).toMatchObject([{ key: expect.stringContaining('http-get-effect:get:'), door: 'gateway' }]);
  expect(file.findings[0]?.witness).toContain(`\\! curl -isS -X GET`);
  expect((await run('replay', 'http-get-effect')).code).toBe(1);
  await writeFile(join(folder, 'migrations/3_repair.sql'), DESK('pg_try_advisory_xact_lock'));
  expect((await run('replay', 'http-get-effect')).code).toBe(0);
  const repaired = await run('check', '.', '--only', 'http-get-effect');
  expect(repaired.out).toContain('Over HTTP: 1 surface tried, 1 held (gateway)');
});
