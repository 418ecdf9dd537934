/** C-02 on memory chunks: requests of one tenant break off, and the pool gives their connection to the next. */

import { base, Faker } from '@faker-js/faker';
import { waitsOrEnds } from '../../fixtures/act/during.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { openSession, type Session } from '../../fixtures/wire/session.ts';
import { cancelled, terminated } from '../faults/backend.ts';
import type { Fault } from '../faults/fault.ts';
import type { Field } from '../faults/field.ts';
import { networkFaults } from '../faults/network.ts';
import { noop } from '../faults/noop.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { lossOf } from './answers.ts';
import { fieldOf, gone } from './interruption.ts';

const A = 'a'.repeat(64);
const B = 'b'.repeat(64);
const PATIENCE = 2_500;
const CUTS = ['timeout:downstream', 'limit_data:downstream', 'down'];

export const scenario: Scenario = {
  id: 'C-02',
  title: 'requests break off on a pool of one connection',
  system: 'memory',
  kind: 'blocking',
  mustHold: 'Whatever became of a request, the next one on its connection has no tenant but its own.',
  protections: [
    {
      id: 'a tenant is named for one transaction',
      remove: [
        `CREATE OR REPLACE FUNCTION public.memory_use_tenant(hash text) RETURNS void LANGUAGE sql AS $$
           SELECT set_config('app.user_hash', hash, false)
         $$`,
      ],
    },
  ],
  run,
};

async function run(stage: ScenarioStage): Promise<void> {
  const { db, seed, tell, claim, line } = stage;
  await db.owner.script([A, B].map((hash) => chunk(crypto.randomUUID(), hash, 'from before')).join(';\n'));
  const faker = new Faker({ locale: base, seed });
  const cuts = networkFaults.filter(({ id }) => CUTS.includes(id));
  const blows = faker.helpers.shuffle<Fault<Field>>([noop, cancelled, terminated, ...cuts]);
  const connect = () => openSession(line.access, { database: db.name, as: 'login', answerTimeout: PATIENCE });
  const bled: string[] = [];
  const wrong: string[] = [];
  let pooled = await connect();
  for (const blow of blows) {
    const id = crypto.randomUUID();
    const { told, lost } = await struck(stage, pooled, blow, id);
    if (lost) pooled = await connect();
    const stored = await countOf(db.owner, id);
    if (stored !== (told === 'answered' ? 1 : stored === 0 ? 0 : 1)) wrong.push(`${blow.id}: ${stored}`);
    const left = await leftIn(pooled);
    if (left.length > 0) bled.push(`${blow.id}: ${left.join(', ')}`);
    const again = await request(pooled, [`SELECT public.memory_use_tenant(${literal(A)})`, chunk(id, A, 'again')]);
    if ((await countOf(db.owner, id)) !== 1) wrong.push(`${blow.id}, made again: ${await countOf(db.owner, id)}`);
    tell('tenant A', `a request under ${blow.id}: ${told}, ${stored} rows of it; made again: ${again.told}`);
    tell(
      'pool',
      `${lost ? 'opens another connection' : 'keeps the connection'}; the next one finds ${left.join(', ') || 'nothing of A'}`,
    );
  }
  claim(
    'the next request finds nothing of the one before: no tenant, no row, no open transaction',
    bled.length === 0,
    bled.join('; ') || `after ${blows.length} requests`,
  );
  claim(
    'a request that broke off is there once or not at all, and made again it is there once',
    wrong.length === 0,
    wrong.join('; ') || `${blows.length} requests`,
  );
  pooled.destroy();
}

const chunk = (id: string, hash: string, text: string) =>
  `INSERT INTO public.memory_chunks (id, user_hash, doc_id, source, text_plain, embedding, chunk_index)
   VALUES (${literal(id)}, ${literal(hash)}, 'document', 'chat', ${literal(text)}, '{0.5}', 0)`;

interface Request {
  readonly told: string;
  /** The connection did not outlive it. */
  readonly lost: boolean;
}

/** One request of the application on the connection that the pool lends out; what fails the pool rolls back. */
async function request(pooled: Session, statements: readonly string[]): Promise<Request> {
  try {
    await pooled.script(['BEGIN', 'SET LOCAL ROLE app_user', ...statements, 'COMMIT'].join(';\n'));
    return { told: 'answered', lost: false };
  } catch (error) {
    const rolledBack = pooled.script('ROLLBACK').then(
      () => true,
      () => false,
    );
    return { told: `failed (${lossOf(error)})`, lost: !(await rolledBack) };
  }
}

/** A's request waits to insert, since another transaction holds its id; then it is struck, and let go on. */
async function struck(stage: ScenarioStage, pooled: Session, blow: Fault<Field>, id: string) {
  const { db, line } = stage;
  await using holder = await db.connectAsOwner();
  await holder.script(`BEGIN; ${chunk(id, B, 'held')}`);
  const call = request(pooled, [`SELECT public.memory_use_tenant(${literal(A)})`, chunk(id, A, 'new')]);
  await waitsOrEnds({ owner: db.owner, caller: pooled, db }, call);
  const heal = await stage.strike(blow, fieldOf(stage, line, pooled));
  await holder.script('ROLLBACK');
  const { told, lost } = await call;
  if (lost) await gone(line, db.owner, pooled);
  await heal();
  return { told, lost };
}

async function countOf(owner: Session, id: string): Promise<number> {
  const { rows } = await owner.query('SELECT count(*)::int AS count FROM public.memory_chunks WHERE id = $1', [id]);
  return Number(rows[0]?.['count']);
}

/** What a request that names nobody finds, and one of B's that is not B's. */
async function leftIn(pooled: Session): Promise<readonly string[]> {
  const as = (statements: readonly string[]) =>
    pooled.script(['BEGIN', 'SET LOCAL ROLE app_user', ...statements, 'ROLLBACK'].join(';\n'));
  const state = await pooled.query(
    "SELECT coalesce(current_setting('app.user_hash', true), '') AS hash, current_user = session_user AS own",
  );
  const nobody = (await as(['SELECT count(*)::int AS count FROM public.memory_chunks'])).at(-2)?.rows[0]?.['count'];
  const named = [
    `SELECT public.memory_use_tenant(${literal(B)})`,
    `SELECT count(*)::int AS count FROM public.memory_chunks WHERE user_hash <> ${literal(B)}`,
  ];
  const foreign = (await as(named)).at(-2)?.rows[0]?.['count'];
  return [
    ...(state.rows[0]?.['hash'] === '' ? [] : ['a tenant']),
    ...(state.rows[0]?.['own'] === true ? [] : ['a role']),
    ...(nobody === 0 ? [] : [`${String(nobody)} rows without naming a tenant`]),
    ...(foreign === 0 ? [] : [`${String(foreign)} rows of others as B`]),
  ];
}
