/** Calls of Platform core that must be done once under their key, and what has come of them. */

import { isDeepStrictEqual } from 'node:util';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import type { ScenarioStage } from '../scenario.ts';
import { counted, type Heard, type Reply, said } from './calls.ts';
import { type Core, discordOf, key, message, newScope, probeOf } from './core.ts';

/** A call as somebody means it: made again, it is the same. */
export interface Order {
  readonly name: string;
  readonly what: string;
  readonly key: string;
  readonly probe: Probe;
  /** Counts what the call brings about. */
  readonly count: string;
}

export function messageOrder({ scope }: Core, persona: Persona, name = persona.name, under = key()): Order {
  const probe = message(persona, scope, { p_key: under, p_payload: { body: `by ${name}` } });
  const count = `SELECT count(*) FROM public.core_events WHERE event_idempotency_key = ${literal(under)}`;
  return { name, what: 'a message', key: under, probe, count };
}

function groupOrder(persona: Persona): Order {
  const under = key();
  const probe = probeOf(persona, 'core_create_scope_v1', newScope({ p_key: under }));
  const count = `SELECT count(*) FROM public.core_scopes WHERE scope_type = 'group' AND created_by = ${literal(persona.user)}`;
  return { name: persona.name, what: 'a group', key: under, probe, count };
}

function pairOrder(persona: Persona, other: Persona): Order {
  const under = key();
  const probe = probeOf(persona, 'core_create_or_get_dm_v1', { p_other_user: String(other.user), p_key: under });
  const count = `SELECT count(*) FROM public.core_scopes
    WHERE scope_type = 'dm' AND ${literal(persona.user)} IN (dm_user_low, dm_user_high)
    AND ${literal(other.user)} IN (dm_user_low, dm_user_high)`;
  return { name: persona.name, what: `a dialogue with ${other.name}`, key: under, probe, count };
}

/** Two messages, or a message and something new, of each member; the owner of the group stands aside. */
export function ordersOf(core: Core): readonly Order[] {
  const { ann, members } = core;
  return members.flatMap((persona, n) => [
    messageOrder(core, persona),
    [{ ...messageOrder(core, persona), what: 'a second message' }, groupOrder(persona), pairOrder(persona, ann)][
      n % 3
    ] as Order,
  ]);
}

export type Effects = ReadonlyMap<string, { readonly count: number; readonly outcomes: readonly Reply[] }>;

/** What is stored of each order, by its key, past every policy. */
export async function effectsOf(owner: Session, orders: readonly Order[]): Promise<Effects> {
  const looks = orders.map(
    (order) => `SELECT ${literal(order.key)} AS key, (${order.count})::int AS count,
      (SELECT coalesce(jsonb_agg(outcome), '[]') FROM public.core_outcomes WHERE event_idempotency_key = ${literal(order.key)}) AS outcomes`,
  );
  const { rows } = await owner.query(looks.join(' UNION ALL '));
  return new Map(
    rows.map((row) => [String(row['key']), { count: Number(row['count']), outcomes: row['outcomes'] as Reply[] }]),
  );
}

export function isStored(effects: Effects, { key: under }: Order): boolean {
  return (effects.get(under)?.count ?? 0) > 0;
}

/** What must be when everything has come to rest: `heard` is all that was said to each, the last after the last healing. */
export async function settled(
  stage: ScenarioStage,
  { scope }: Core,
  heard: ReadonlyMap<Order, readonly Heard[]>,
): Promise<void> {
  const { owner } = stage.db;
  const orders = [...heard.keys()];
  const last = orders.map((order) => heard.get(order)?.at(-1));
  const unanswered = last.filter((one) => one?.state !== 'answered' || one.reply.ok !== true);
  stage.claim(
    'in the end every call is answered',
    unanswered.length === 0,
    counted(last.map((one) => (one ? said(one) : 'nothing'))),
  );
  const effects = await effectsOf(owner, orders);
  const numbers = orders.map((order) => effects.get(order.key));
  stage.claim(
    'each key has one effect and one outcome',
    numbers.every((one) => one?.count === 1 && one.outcomes.length === 1),
    counted(numbers.map((one) => `${one?.count} done, ${one?.outcomes.length} stored`)),
  );
  const told = orders.flatMap((order) => (heard.get(order) ?? []).map((one) => ({ order, one })));
  const others = told.filter(
    ({ order, one }) => one.state === 'answered' && !isDeepStrictEqual(one.reply, effects.get(order.key)?.outcomes[0]),
  );
  const answers = told.filter(({ one }) => one.state === 'answered').length;
  stage.claim(
    'whoever is answered, and however often, hears the stored outcome',
    others.length === 0,
    `${answers - others.length} of ${answers} answers`,
  );
  const discord = await discordOf(owner, scope);
  stage.claim(
    'nothing is half done: log, outcomes, projections and watermarks agree, and numbers have no gap',
    discord.length === 0,
    discord.join('; ') || 'all agree',
  );
}
