/** The migrations of a system, as its deployment applies them: each is interrupted before it is in the journal, and applied again. */

import { base, Faker } from '@faker-js/faker';
import { waitsOrEnds } from '../../fixtures/act/during.ts';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import { journalSchemas } from '../../fixtures/migrate/journal.ts';
import { migrate } from '../../fixtures/migrate/migrate.ts';
import { rollback } from '../../fixtures/migrate/rollback.ts';
import type { Catalog } from '../../fixtures/model/catalog.ts';
import type { MigrationFile } from '../../fixtures/model/project.ts';
import { qualified } from '../../fixtures/wire/escape.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import type { Fault } from '../faults/fault.ts';
import type { Field } from '../faults/field.ts';
import type { ScenarioStage } from '../scenario.ts';
import { differing, lossOf } from './answers.ts';
import { blowsOf, fieldOf, gone } from './interruption.ts';

/** Takes the system back and deploys it again, interrupted at each migration; its rows are gone afterwards. */
export async function redeployed(stage: ScenarioStage): Promise<void> {
  const { db, access, tell, claim } = stage;
  const { project } = db.template;
  await rollback(db.owner, project, { to: null, access });
  tell('owner', `takes the ${project.migrations.length} migrations back, to deploy them again`);
  const torn: string[] = [];
  const blows = blowsOf(new Faker({ locale: base, seed: stage.seed }), project.migrations.length);
  for (const [at, file] of project.migrations.entries()) {
    const before = await sizeOf(db.owner);
    const told = await struck(stage, file, blows[at] ?? blows[0]);
    const [after, journalled] = [await sizeOf(db.owner), await isJournalled(stage, file)];
    if (journalled !== (after !== before))
      torn.push(`${file.name}: ${journalled ? '' : 'not '}in the journal, ${before} objects became ${after}`);
    const { applied } = await migrate(db.owner, project, { to: file.version, access });
    tell(
      'deployment',
      `${file.name}: ${told}; ${journalled ? 'it is' : 'nothing of it is'} there; run again it applies ${applied.length}`,
    );
  }
  claim(
    'a migration that is interrupted is there with its entry in the journal, or nothing of it is',
    torn.length === 0,
    torn.join('; ') || `${blows.length} migrations`,
  );
  const { applied } = await migrate(db.owner, project, { access });
  claim('deployed once more, nothing is left to apply', applied.length === 0, `${applied.length} applied`);
  const differences = differing(said(db.template.catalog), said(await readCatalog(db.owner)));
  claim(
    'the catalog is that of an uninterrupted deployment',
    differences.length === 0,
    differences.join(', ') || 'nothing differs',
  );
}

/** The deployment waits at the journal with the migration's work done; then it is struck. */
async function struck(
  stage: ScenarioStage,
  { version }: MigrationFile,
  blow: Fault<Field> | undefined,
): Promise<string> {
  const { db, access, line } = stage;
  if (blow === undefined) throw new Error('there is nothing to strike with');
  const session = await openSession(line.access, { database: db.name, as: 'admin' });
  await using holder = await db.connectAsOwner();
  await holder.script(`BEGIN; LOCK TABLE ${journalOf(stage)} IN SHARE MODE`);
  const deployed = migrate(session, db.template.project, { to: version, access }).then(
    () => 'was answered',
    (error: unknown) => `broke off (${lossOf(error)})`,
  );
  await waitsOrEnds({ owner: db.owner, caller: session, db }, deployed);
  const heal = await stage.strike(blow, fieldOf(stage, line, session));
  await holder.script('ROLLBACK');
  const told = await deployed;
  await gone(line, db.owner, session);
  await heal();
  return told;
}

function journalOf({ db }: ScenarioStage): string {
  return qualified(journalSchemas[db.template.project.platform], 'schema_migrations');
}

async function isJournalled(stage: ScenarioStage, { version }: MigrationFile): Promise<boolean> {
  const { rows } = await stage.db.owner.query(`SELECT 1 FROM ${journalOf(stage)} WHERE version = $1`, [version]);
  return rows.length > 0;
}

/** How many objects there are: each migration makes some. */
async function sizeOf(owner: Session): Promise<number> {
  const catalogs = ['pg_class', 'pg_proc', 'pg_policy', 'pg_trigger', 'pg_constraint'];
  const { rows } = await owner.query(
    `SELECT ${catalogs.map((name) => `(SELECT count(*) FROM ${name})`).join(' + ')} AS size`,
  );
  return Number(rows[0]?.['size']);
}

/** Each kind of object as text, without what differs from one creation to the next; roles belong to the whole server. */
function said({ roles: _, ...catalog }: Catalog): Readonly<Record<string, readonly string[]>> {
  const plain = (value: unknown) => JSON.stringify(value, (key, inner: unknown) => (key === 'oid' ? undefined : inner));
  return Object.fromEntries(Object.entries(catalog).map(([kind, value]) => [kind, [plain(value)]]));
}
