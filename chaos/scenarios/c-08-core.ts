/** C-08 on Platform core: a journalled migration is interrupted at each of its steps. */

import { createHash } from 'node:crypto';
import { base, Faker } from '@faker-js/faker';
import { readCatalog } from '../../fixtures/introspect/catalog.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { type Answer, ask, differing, inWords, must } from './answers.ts';
import { key, probeOf } from './core.ts';
import { as, message, openGroup, rowsOf, send, setMode } from './core-group.ts';
import { redeployed } from './deployment.ts';
import { beforeCommit, blowsOf, interrupted, type Point } from './interruption.ts';

const EVENTS = 10;
const BATCH = 4;
const STALE = '0'.repeat(64);
/** A snapshot, three batches and a look at the whole, and the checkpoint after each. */
const CHECKPOINTS = [0, 4, 8, 10, 10] as const;
/** Columns that every run draws anew, or that say when. */
const DRAWN = ['id', 'created_at', 'updated_at', 'started_at'] as const;

export const scenario: Scenario = {
  id: 'C-08',
  title: 'migration interrupted',
  system: 'core',
  kind: 'blocking',
  mustHold:
    'A migration of rows or of the schema goes on from its journal, and comes to what an uninterrupted one comes to.',
  protections: [
    {
      id: 'the journal is read',
      guards: ['function core.journal_of(uuid,text,text,text): guard journal-resumed'],
    },
    {
      id: 'the journal is written',
      remove: [
        `CREATE OR REPLACE FUNCTION core.advance_journal(p_journal uuid, p_step text, p_state text, p_checkpoint bigint)
         RETURNS void LANGUAGE sql AS ''`,
      ],
    },
    {
      id: 'what is finished does not begin again',
      guards: ['function public.core_migration_step_v1(uuid,text,text,integer): guard migrated-once'],
    },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db, tell, claim } = stage;
  const operator = await db.connect();
  const scope = await prepared(stage, operator);
  const steps = CHECKPOINTS.map(() => stepOf(scope));
  const twin = await uninterrupted(db.owner, steps);
  tell('owner', `runs the whole migration and undoes it, to compare with: ${twin.answers.map(inWords).join(', ')}`);

  const { answers, torn } = await shaken(stage, operator, scope, steps);
  claim(
    'an interrupted step and its entry in the journal are there together or not at all',
    torn.length === 0,
    torn.join('; ') || `${steps.length} steps`,
  );
  claim(
    'the same call made again answers what it would have answered uninterrupted',
    same(answers, twin.answers),
    answers.map(inWords).join(', '),
  );
  const rest = await stateOf(db.owner);
  claim(
    'it comes to its end: every event is migrated, the journal says so',
    rest.stale.length === 0 && rest.state === 'done',
    rest.says,
  );
  const differences = differing(twin.rows, await rowsOf(db.owner, DRAWN));
  claim(
    'every row is as the uninterrupted migration left it',
    differences.length === 0,
    differences.join(', ') || 'no table differs',
  );
  const catalog = await digestOf(db.owner);
  claim(
    'the catalog is the same',
    catalog === twin.catalog,
    `${catalog.slice(0, 12)}, uninterrupted ${twin.catalog.slice(0, 12)}`,
  );
  await afterwards(stage, operator, scope);
  await redeployed(stage);
}

/** A group with messages whose hashes are out of date, in the mode that a migration wants. */
async function prepared({ db, tell }: ScenarioStage, operator: Session): Promise<string> {
  const scope = await openGroup(db, operator);
  for (let n = 0; n < EVENTS; n += 1)
    await must(operator, send([as.ann, as.bob, as.cat][n % 3] ?? as.ann, message(scope, `${n}`)));
  await db.owner.script(
    `BEGIN; SET LOCAL session_replication_role = replica; UPDATE public.core_events SET payload_hash = ${literal(STALE)}; COMMIT`,
  );
  for (const mode of ['write_freeze', 'read_only_safe']) await must(operator, setMode(scope, mode));
  tell('operator', `${EVENTS} events are to be migrated, ${BATCH} a step; the group is read_only_safe`);
  return scope;
}

const stepOf = (scope: string): Probe =>
  probeOf(as.service, 'core_migration_step_v1', {
    p_scope: scope,
    p_migration: 'rehash_payloads',
    p_key: key(),
    p_batch: BATCH,
  });

/** The twin: the same calls on the same rows in one transaction, which is undone. */
async function uninterrupted(owner: Session, steps: readonly Probe[]) {
  await owner.script('BEGIN');
  const answers: Answer[] = [];
  for (const { sql } of steps) {
    await owner.script('SAVEPOINT step');
    const { error, replies } = await owner.observe(sql);
    answers.push(error ? { sqlstate: error.sqlstate } : (JSON.parse(replies[0]?.rows[0]?.[0] ?? 'null') as Answer));
    if (error) await owner.script('ROLLBACK TO SAVEPOINT step');
  }
  const rows = await rowsOf(owner, DRAWN);
  const catalog = await digestOf(owner);
  await owner.script('ROLLBACK');
  return { answers, rows, catalog };
}

/** Each step is interrupted once, then asked for again by the same call. */
async function shaken(stage: ScenarioStage, operator: Session, scope: string, steps: readonly Probe[]) {
  const { db, seed, tell, claim, line } = stage;
  const faker = new Faker({ locale: base, seed });
  const blows = blowsOf(faker, steps.length);
  const answers: Answer[] = [];
  const torn: string[] = [];
  const missed: string[] = [];
  for (const [at, probe] of steps.entries()) {
    const point = faker.helpers.arrayElement(pointsOf(scope, at));
    const blow = blows[at] ?? blows[0];
    if (blow === undefined) continue;
    tell('operator', `asks for step ${at + 1}, which is struck ${point.name}`);
    const told = await interrupted(stage, { probe, point, blow, line }).catch((error: Error) => error);
    if (told instanceof Error) missed.push(`step ${at + 1}: ${told.message}`);
    const { says, whole } = await stateOf(db.owner);
    if (!whole) torn.push(`step ${at + 1}: ${says}`);
    const answer = await ask(operator, probe);
    answers.push(answer);
    tell(
      'journal',
      `${told instanceof Error ? 'not struck' : `the client was told ${inWords(told)}`}; ${says}; asked again: ${inWords(answer)}`,
    );
  }
  claim(
    'every step was interrupted',
    missed.length === 0 ? true : null,
    missed.join('; ') || `${steps.length} of ${steps.length}`,
  );
  return { answers, torn };
}

function pointsOf(scope: string, at: number): readonly Point[] {
  const [from, to] = [CHECKPOINTS[at - 1] ?? 0, CHECKPOINTS[at] ?? 0];
  const group = { name: "at the group's row", rows: `public.core_scopes WHERE id = ${literal(scope)}` };
  const journal = { name: 'with its work done, at the journal', rows: 'public.core_migrations WHERE in_progress' };
  const event = { name: `at event ${to}`, rows: `public.core_events WHERE event_seq = ${to}` };
  return [group, beforeCommit, ...(at === 0 ? [] : [journal]), ...(to > from ? [event] : [])];
}

/** What journal and events say together. `whole`: migrated is exactly what the journal says. */
async function stateOf(owner: Session) {
  const { rows } = await owner.query(
    `SELECT coalesce(max(j.checkpoint), 0)::int AS checkpoint, coalesce(max(j.state), 'not begun') AS state, count(j.id)::int AS entries,
       ARRAY(SELECT e.event_seq::int FROM public.core_events AS e WHERE e.payload_hash = $1 ORDER BY 1) AS stale
     FROM public.core_migrations AS j WHERE j.kind = 'migration'`,
    [STALE],
  );
  const { checkpoint, state, stale } = rows[0] as { checkpoint: number; state: string; stale: readonly number[] };
  const whole = stale.length === EVENTS - checkpoint && stale.every((seq) => seq > checkpoint);
  return {
    state,
    stale,
    whole,
    says: `the journal says ${state} at ${checkpoint}, ${EVENTS - stale.length} events are migrated`,
  };
}

async function digestOf(owner: Session): Promise<string> {
  return createHash('sha256')
    .update(JSON.stringify(await readCatalog(owner)))
    .digest('hex');
}

const same = (a: readonly Answer[], b: readonly Answer[]) => JSON.stringify(a) === JSON.stringify(b);

/** What is done stays done, and the group is written to again. */
async function afterwards({ db, tell, claim }: ScenarioStage, operator: Session, scope: string): Promise<void> {
  const before = await rowsOf(db.owner);
  const again = await ask(operator, stepOf(scope));
  const changed = differing(before, await rowsOf(db.owner));
  claim(
    'run again it does nothing',
    again.code === 'migration_finished' && changed.length === 0,
    `${inWords(again)}; ${changed.join(', ') || 'no row differs'}`,
  );
  await db.owner.query("UPDATE public.core_admin_actions SET created_at = created_at - interval '2 hours'");
  tell('owner', 'lets two hours pass, since modes change three times an hour');
  for (const mode of ['write_freeze', 'normal'])
    tell('operator', `${mode}: ${inWords(await ask(operator, setMode(scope, mode)))}`);
  const sent = await ask(operator, send(as.bob, message(scope, 'after')));
  claim(
    'afterwards the group is written to',
    sent.code === 'event_appended' && sent['event_seq'] === EVENTS + 1,
    inWords(sent),
  );
}
