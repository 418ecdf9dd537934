/** What the tables refuse by themselves, past every RPC: writes of each client role, and a stranger's look; and RPCs to roles that are not theirs. */

import { beforeAll, describe, expect, it } from 'vitest';
import { anon, service, signedIn } from '../../../fixtures/act/personas.ts';
import { ident, qualified } from '../../../fixtures/wire/escape.ts';
import { fileLab } from '../../file-lab.ts';
import { type Ground, openGround } from './ground.ts';
import { readPapers } from './registry.ts';
import { as, rowsOf, run, unchanged } from './scene.ts';

const lab = fileLab();
let ground: Ground;
beforeAll(async () => {
  ground = await openGround(lab);
});

const { registry } = await readPapers();
const inside = ['core.settings', 'core.breakers', 'core.outcomes_hot', 'core.outcomes_archive'];
const tables = [...Object.keys(registry.threats.linddun), ...inside];
const clients = [anon(), as.ann, service()];
/** Is in no scope and asked for nothing. */
const stranger = signedIn('aaaaaaaa-0000-4000-8000-000000000099', 'stranger');

describe('tables', () => {
  it('are these', async () => {
    const { rows } = await ground.scene.owner.query(
      `SELECT CASE relnamespace::regnamespace::text WHEN 'core' THEN 'core.' ELSE '' END || relname AS name FROM pg_class
       WHERE relkind IN ('r', 'p') AND (relnamespace = 'core'::regnamespace OR (relnamespace = 'public'::regnamespace AND relname LIKE 'core\\_%'))`,
    );
    expect(rows.map(({ name }) => name).toSorted()).toEqual(tables.toSorted());
  });

  it.each(tables)('%s is written by no client', async (table) => {
    const { scene } = ground;
    const rows = await rowsOf(scene, table);
    const name = qualifiedName(table);
    const { rows: columns } = await scene.owner.query(
      'SELECT attname FROM pg_attribute WHERE attrelid = $1::regclass AND attnum = 1',
      [name],
    );
    const writes = [
      `INSERT INTO ${name} DEFAULT VALUES`,
      `UPDATE ${name} SET ${ident(String(columns[0]?.['attname']))} = DEFAULT`,
      `DELETE FROM ${name}`,
      `TRUNCATE ${name}`,
    ];
    for (const persona of clients)
      for (const sql of writes)
        expect((await run(scene, persona, sql)).error, `${persona.name}: ${sql}`).toMatchObject({ sqlstate: '42501' });
    expect(await rowsOf(scene, table)).toEqual(rows);
  });

  it.each(tables)('%s shows a stranger nothing', async (table) => {
    const { scene } = ground;
    const held = table === 'core.outcomes_archive' ? 0 : 1;
    expect((await rowsOf(scene, table)).length, 'there is something to see').toBeGreaterThanOrEqual(held);
    for (const persona of [anon(), stranger]) {
      const { error, rows } = await run(scene, persona, `SELECT 1 FROM ${qualifiedName(table)}`);
      expect([error?.sqlstate ?? 'no error', rows], persona.name).toEqual(error ? ['42501', []] : ['no error', []]);
      expect(error === null && persona.role === 'anon', 'the public key may not even ask').toBe(false);
    }
  });
});

describe('RPCs', () => {
  it.each(registry.rpcs)('$name is for $role alone', async ({ name, role }) => {
    const { scene } = ground;
    const { rows } = await scene.owner.query(
      `SELECT string_agg('NULL::' || format_type(given.type, NULL), ', ' ORDER BY given.place) AS nothing
       FROM pg_proc AS p, unnest(p.proargtypes) WITH ORDINALITY AS given (type, place) WHERE p.proname = $1`,
      [name],
    );
    const sql = `SELECT ${qualified('public', name)}(${String(rows[0]?.['nothing'])})`;
    const others = clients.filter((persona) => persona.role !== role);
    expect(others).toHaveLength(2);
    await unchanged(scene, async () => {
      for (const persona of others)
        expect((await run(scene, persona, sql)).error, persona.name).toMatchObject({ sqlstate: '42501' });
    });
  });
});

function qualifiedName(table: string): string {
  const [schema = '', name = ''] = table.includes('.') ? table.split('.') : ['public', table];
  return qualified(schema, name);
}
