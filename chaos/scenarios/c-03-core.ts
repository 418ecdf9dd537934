/** C-03 on Platform core: the store of the rate limits is locked, missing or unreadable. */

import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { Fault } from '../faults/fault.ts';
import type { Field } from '../faults/field.ts';
import { limiterUnavailable } from '../faults/store-locked.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { ask, call, connected, counted, type Heard, said } from './calls.ts';
import { drawn, shuffled } from './chance.ts';
import { type Core, key, message, openCore, operations, probeOf } from './core.ts';
import { type Order, ordersOf, settled } from './core-orders.ts';
import { fieldOf } from './field.ts';
import { changed, stateOf } from './looks.ts';
import { rewritten } from './rewritten.ts';

export const scenario: Scenario = {
  id: 'C-03',
  title: 'rate-limit store down',
  system: 'core',
  kind: 'blocking',
  mustHold: 'Writes are refused in bounded time and write nothing, reads go on; healed, everything works and counts.',
  protections: [
    {
      id: 'the limiter fails closed',
      remove: [rewritten('core.rate_refusal(text[],text[])', "RETURN 'rate_limit_unavailable'", 'RETURN NULL')],
    },
    { id: 'the limiter gives up', remove: ['ALTER FUNCTION core.rate_refusal(text[],text[]) RESET lock_timeout'] },
    {
      id: 'reads go on without the limiter',
      remove: [rewritten('core.timeline_refusal(uuid,integer,integer,text)', ") = 'rate_limited'", ') IS NOT NULL')],
    },
  ],
  run: async (stage) => {
    const core = await openCore(stage, 9);
    // Each outage has people of its own, so that what they make can be counted.
    const faults = shuffled([limiterUnavailable, missing, unreadable], stage.seed);
    for (const [n, fault] of faults.entries())
      await down(stage, { ...core, members: core.members.slice(3 * n, 3 * n + 3) }, fault);
    await limited(stage, core);
  },
};

const TABLE = 'public.core_rate_limits';

/** Milliseconds after which a client gives up; the limiter promises to give up after 100 ms on each of its few rates. */
const PATIENCE = 4_000;

function altered(id: string, says: string, change: string, back: string): Fault<Field> {
  const apply = async ({ owner }: Field) => {
    await owner.query(change);
    return async () => void (await owner.query(back));
  };
  return { id, says, apply };
}

const missing = altered(
  'limiter-missing',
  'the store in which calls are counted is not there',
  `ALTER TABLE ${TABLE} RENAME TO core_rate_limits_elsewhere`,
  'ALTER TABLE public.core_rate_limits_elsewhere RENAME TO core_rate_limits',
);

const unreadable = altered(
  'limiter-unreadable',
  'the store in which calls are counted cannot be read: its times are not there',
  `ALTER TABLE ${TABLE} RENAME called_at TO called_at_elsewhere`,
  `ALTER TABLE ${TABLE} RENAME called_at_elsewhere TO called_at`,
);

interface Asked {
  readonly name: string;
  readonly what: string;
  readonly probe: Probe;
}

/** Writes of members, of the owner of the group and of the service. */
function writesOf(core: Core, orders: readonly Order[]): readonly Asked[] {
  const { ann, members, scope } = core;
  const [one = ann, other = ann] = members;
  const of = (persona: Persona, what: string, routine: string, args: Parameters<typeof probeOf>[2]) => ({
    name: persona.name,
    what,
    probe: probeOf(persona, routine, args),
  });
  return [
    ...orders,
    of(one, 'a receipt', 'core_ack_v1', { p_scope: scope, p_delivered_seq: 0, p_read_seq: 0, p_key: key() }),
    of(other, 'a report', 'core_report_missing_v1', { p_scope: scope, p_ranges: [[1, 1]], p_key: key() }),
    of(operations, 'invitations to expire', 'core_expire_invites_v1', { p_key: key() }),
  ];
}

function readsOf({ members, scope }: Core): readonly Asked[] {
  return members.flatMap((persona) => [
    { name: persona.name, what: 'the timeline', probe: probeOf(persona, 'core_query_timeline_v1', { p_scope: scope }) },
    {
      name: persona.name,
      what: 'the dialogues',
      probe: { persona, sql: `SELECT public.core_get_dialog_metadata_v1(ARRAY['${scope}']::uuid[]) AS reply` },
    },
  ]);
}

async function down(stage: ScenarioStage, core: Core, fault: Fault<Field>): Promise<void> {
  const { db } = stage;
  const [counts, before] = [await slotsOf(db.owner), await stateOf(db, ['core_rate_limits'])];
  const orders = ordersOf(core);
  const writes = writesOf(core, orders);
  const sent = shuffled([...writes, ...readsOf(core)], stage.seed, fault.id);
  const sessions = await Promise.all(
    sent.map(({ name }) => connected(stage, { name, line: stage.line, patience: PATIENCE })),
  );
  const heal = await stage.strike(fault, fieldOf(stage));
  const heard = await Promise.all(
    sent.map(async (asked, n) => {
      const one = await ask(sessions[n] as Session, asked.probe);
      stage.tell(asked.name, `asks for ${asked.what}: ${said(one)}`);
      return { asked, one };
    }),
  );
  const told = (wanted: boolean) =>
    heard.filter(({ asked }) => writes.includes(asked) === wanted).map(({ one }) => said(one));
  const refused = told(true);
  stage.claim(
    `${fault.id}: each write is refused in bounded time`,
    refused.every((word) => word === 'answered rate_limit_unavailable'),
    counted(refused),
  );
  const read = told(false);
  stage.claim(
    `${fault.id}: reads go on`,
    read.every((word) => /^answered (timeline|dialogs)$/.test(word)),
    counted(read),
  );
  const written = changed(before, await stateOf(db, ['core_rate_limits']));
  stage.claim(`${fault.id}: nothing is written`, written.length === 0, written.join(', ') || 'every row is as it was');
  await heal();
  const after = await slotsOf(db.owner);
  stage.claim(`${fault.id}: no slot is taken or lost`, after === counts, `${counts} before, ${after} after`);
  await recovered(stage, core, orders);
}

/** Slots in use, of every rate. */
async function slotsOf(owner: Session): Promise<number> {
  const { rows } = await owner.query(`SELECT count(*)::int AS count FROM ${TABLE}`);
  return Number(rows[0]?.['count']);
}

/** What was refused was not stored: the same calls are done now. */
async function recovered(stage: ScenarioStage, core: Core, orders: readonly Order[]): Promise<void> {
  const heard = new Map<Order, readonly Heard[]>();
  await Promise.all(
    orders.map(async (order) => {
      const one = await call(stage, { name: order.name, line: stage.line }, order.probe);
      stage.tell(order.name, `asks again for ${order.what}: ${said(one)}`);
      heard.set(order, [one]);
    }),
  );
  await settled(stage, core, heard);
}

/** The store counts again: somebody whose last slot but one is taken may call once. */
async function limited({ db, line, seed, tell, claim }: ScenarioStage, core: Core): Promise<void> {
  const persona = core.members[drawn(core.members.length, seed, 'limited')] ?? core.ann;
  await db.owner.query(
    `WITH used AS (
       UPDATE ${TABLE} SET called_at = clock_timestamp() WHERE bucket = 'command_actor' AND subject = $1 RETURNING slot
     )
     UPDATE core.settings SET value = (SELECT count(*) + 1 FROM used) WHERE name = 'command_actor'`,
    [persona.user],
  );
  tell('owner', `leaves ${persona.name} one call of this minute`);
  const told = [];
  for (let n = 0; n < 3; n += 1)
    told.push(said(await call({ db }, { name: persona.name, line }, message(persona, core.scope))));
  tell(persona.name, `sends three messages: ${counted(told)}`);
  claim(
    'healed, the limiter counts again: of three calls where one is left, one is done',
    told.join() === 'answered event_appended,answered rate_limited,answered rate_limited',
    counted(told),
  );
}
