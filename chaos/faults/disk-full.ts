/** The disk on which the tables lie is full. */

import { ident, literal } from '../../fixtures/wire/escape.ts';
import { CannotOccur, type Healing } from './fault.ts';
import type { Field, ServerFault } from './field.ts';
import { noServer } from './restart.ts';

/** Beside what the tables take: the first page of what is empty yet. */
const ROOM = 8 * 1024 ** 2;

const sizeOfTables = `
  SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::float8 AS bytes
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'm') AND n.nspname NOT IN ('pg_catalog', 'information_schema')`;

export const diskFull: ServerFault = {
  id: 'disk-full',
  says: 'the disk of the tables has no byte left',
  strikes: 'database',
  beforeWrites: true,
  never: {},
  arm: moveToSmallDisk,
  apply: async (field) => {
    const disk = disks.get(field.db);
    if (disk === undefined) throw new CannotOccur('the tables lie on the disk of all others');
    await disk.fill();
    return () => disk.clear();
  },
};

/** The disk that a database's tables were moved to. */
const disks = new WeakMap<Field['db'], { fill(): Promise<void>; clear(): Promise<void> }>();

async function moveToSmallDisk({ db, owner, server }: Field): Promise<Healing> {
  if (server === null) throw new CannotOccur(noServer);
  const { rows } = await owner.query(sizeOfTables);
  const disk = await server.disk(2 * Number(rows[0]?.['bytes']) + ROOM);
  if (typeof disk === 'string') throw new CannotOccur(disk);
  const space = `${db.name}_disk`;
  await owner.query(`CREATE TABLESPACE ${ident(space)} LOCATION ${literal(disk.folder)}`);
  await owner.script(`${moved('pg_default', space)}; ${eachTable('SET (fillfactor = 10)')}`);
  disks.set(db, disk);
  let healed = false;
  return async () => {
    if (healed) return;
    healed = true;
    await using other = await db.connectAsOwner();
    await other.script(`SET lock_timeout = '10s'; ${eachTable('RESET (fillfactor)')}; ${moved(space, 'pg_default')}`);
    await other.query(`DROP TABLESPACE ${ident(space)}`);
    await disk[Symbol.asyncDispose]();
  };
}

function moved(from: string, to: string): string {
  return ['TABLE', 'INDEX', 'MATERIALIZED VIEW']
    .map((kind) => `ALTER ${kind} ALL IN TABLESPACE ${ident(from)} SET TABLESPACE ${ident(to)}`)
    .join(';\n');
}

/** With a low fill factor a new row asks for a new page, where the last one would still have had room for it. */
function eachTable(change: string): string {
  return `
    DO $$
    DECLARE it regclass;
    BEGIN
      FOR it IN
        SELECT c.oid FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema')
      LOOP
        EXECUTE format('ALTER TABLE %s ${change}', it);
      END LOOP;
    END $$`;
}
