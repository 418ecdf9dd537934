/** Holds a call or its COMMIT at work, so that a fault can strike in the midst of it. */

import { setTimeout as rest } from 'node:timers/promises';
import { nameOf } from '../fixtures/act/sql.ts';
import type { Catalog } from '../fixtures/model/catalog.ts';
import { literal } from '../fixtures/wire/escape.ts';
import type { Session } from '../fixtures/wire/session.ts';

/** Advisory locks belong to one database, and this one is the cell's own. */
const GATE = 826_014_700;

const SCHEMA = `
  CREATE SCHEMA rowproof_chaos;
  CREATE SEQUENCE rowproof_chaos.steps MINVALUE 0 START 0;
  SELECT nextval('rowproof_chaos.steps');
  CREATE FUNCTION rowproof_chaos.step() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
  BEGIN
    IF nextval('rowproof_chaos.steps') = TG_ARGV[0]::bigint THEN
      PERFORM pg_advisory_xact_lock_shared(${GATE});
    END IF;
    RETURN NULL;
  END $$;
  CREATE FUNCTION rowproof_chaos.wait() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog AS $$
  BEGIN
    PERFORM pg_advisory_xact_lock_shared(${GATE});
    RETURN NULL;
  END $$`;

/** Counts from now on every statement that writes to the tables. */
export async function countSteps(owner: Session, catalog: Catalog, tables: readonly string[]): Promise<void> {
  await owner.script([SCHEMA, ...stepTriggers(catalog, tables, -1)].join(';\n'));
}

/** How many such statements there were; what was undone counts as well. Nought where nobody counts. */
export async function stepsOf(owner: Session): Promise<number> {
  const { rows } = await owner.query("SELECT last_value FROM pg_sequences WHERE schemaname = 'rowproof_chaos'");
  return Number(rows[0]?.['last_value'] ?? 0);
}

/** Keeps the call waiting at the given one of its writing statements. */
export async function holdAt(owner: Session, catalog: Catalog, tables: readonly string[], step: number): Promise<void> {
  await owner.script([SCHEMA, ...stepTriggers(catalog, tables, step), closed()].join(';\n'));
}

/** Keeps COMMIT waiting. */
export async function holdCommit(owner: Session, catalog: Catalog, tables: readonly string[]): Promise<void> {
  const triggers = relations(catalog, tables).map(
    (name) => `CREATE CONSTRAINT TRIGGER rowproof_chaos AFTER INSERT OR UPDATE OR DELETE ON ${name}
      DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION rowproof_chaos.wait()`,
  );
  await owner.script([SCHEMA, ...triggers, closed()].join(';\n'));
}

/** Keeps whoever reads or writes any of the tables waiting; serializable, for a fault that goes on in this transaction. */
export async function holdTables(keeper: Session, catalog: Catalog, tables: readonly string[]): Promise<void> {
  const all = relations(catalog, tables).join(', ');
  await keeper.script(`BEGIN ISOLATION LEVEL SERIALIZABLE; LOCK TABLE ${all} IN ACCESS EXCLUSIVE MODE`);
}

/** Lets go whoever is held. */
export async function release(keeper: Session): Promise<void> {
  await keeper.script('ROLLBACK; SELECT pg_advisory_unlock_all()');
}

/** Whether the backend waits for a lock by now; resolves with false when `ended` is true first, or it takes too long. */
export async function isWaiting(
  owner: Session,
  processId: number,
  ended: () => boolean,
  patience: number,
): Promise<boolean> {
  const deadline = performance.now() + patience;
  for (;;) {
    const { rows } = await owner.query('SELECT FROM pg_locks WHERE pid = $1 AND NOT granted', [processId]);
    if (rows.length > 0) return true;
    if (ended() || performance.now() > deadline) return false;
    await rest(5);
  }
}

function closed(): string {
  return `SELECT pg_advisory_lock(${GATE})`;
}

/** A statement that names a partition fires that one's triggers alone. */
function stepTriggers(catalog: Catalog, tables: readonly string[], step: number): readonly string[] {
  const parts = catalog.relations.filter(({ partitionOf }) => partitionOf !== null && tables.includes(partitionOf));
  return relations(catalog, [...tables, ...parts.map(({ name }) => name)]).map(
    (name) => `CREATE TRIGGER rowproof_chaos AFTER INSERT OR UPDATE OR DELETE ON ${name}
      FOR EACH STATEMENT EXECUTE FUNCTION rowproof_chaos.step(${literal(String(step))})`,
  );
}

function relations({ relations: all }: Catalog, tables: readonly string[]): readonly string[] {
  return all.filter(({ name }) => tables.includes(name)).map(nameOf);
}
