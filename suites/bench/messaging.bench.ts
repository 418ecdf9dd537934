/** The service levels of messaging under concurrent callers: creating conversations and sending messages. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { perform } from '../../fixtures/act/act.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Database, Lab } from '../../fixtures/lab/lab.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { type Measurement, percentile, together } from './measurement.ts';

export interface MessagingLoad {
  readonly callers: number;
  /** Calls of each RPC. */
  readonly calls: number;
}

export const fullLoad: MessagingLoad = { callers: 8, calls: 1000 };
export const quickLoad: MessagingLoad = { callers: 4, calls: 200 };

const project = fileURLToPath(new URL('../../supabase/messaging', import.meta.url));
const helpers = 20;

interface Offer {
  readonly request: string;
  readonly helper: string;
  /** Set by the call that creates it. */
  conversation: string | null;
}

/** Measures on a clone of its own. */
export async function measureMessaging(lab: Lab, load: MessagingLoad): Promise<readonly Measurement[]> {
  await using database = await lab.clone({ project });
  const offers = await setUp(database, load.calls);
  const pool = await Promise.all(Array.from({ length: load.callers }, () => database.connect()));
  const created = await callEach(pool, offers, create);
  const sent = await callEach(pool, offers, send);
  const { rows } = await database.owner.query('SELECT count(*)::int AS conversations FROM public.conversations_v2');
  const under = `${load.calls} calls of each RPC by ${load.callers} callers at once`;
  const succeeded = created.filter(isSuccess).length + sent.filter(isSuccess).length;
  const level = (
    name: string,
    measured: number,
    unit: string,
    relation: Measurement['target']['relation'],
    value: number,
  ): Measurement => ({
    system: 'messaging',
    level: name,
    measured,
    unit,
    target: { relation, value },
    under,
  });
  return [
    level(
      'create p95',
      percentile(
        created.map(({ elapsed }) => elapsed),
        0.95,
      ),
      'ms',
      '<',
      500,
    ),
    level(
      'send p95',
      percentile(
        sent.map(({ elapsed }) => elapsed),
        0.95,
      ),
      'ms',
      '<',
      200,
    ),
    level('success', (succeeded / (created.length + sent.length)) * 100, '%', '>', 99),
    level('RPCs per conversation', created.length / Number(rows[0]?.['conversations']), '', '=', 1),
  ];
}

/** One requester's requests, each with an offer of every helper, until there are `calls` offers. */
async function setUp({ owner }: Database, calls: number): Promise<readonly Offer[]> {
  const requester = randomUUID();
  const people = Array.from({ length: helpers }, () => randomUUID());
  const requests = Array.from({ length: Math.ceil(calls / helpers) }, () => randomUUID());
  await owner.query(
    `INSERT INTO auth.users (id, email) SELECT id, id || '@example.test' FROM unnest($1::uuid[]) AS id`,
    [[requester, ...people]],
  );
  await owner.query(
    `INSERT INTO public.help_requests (id, user_id, title) SELECT id, $2, 'Bench' FROM unnest($1::uuid[]) AS id`,
    [requests, requester],
  );
  return requests
    .flatMap((request) => people.map((helper): Offer => ({ request, helper, conversation: null })))
    .slice(0, calls);
}

async function callEach(
  pool: readonly Session[],
  offers: readonly Offer[],
  call: (caller: Session, offer: Offer) => Promise<Observation>,
): Promise<readonly Observation[]> {
  const observations: Observation[] = [];
  await together(pool, offers.length, async (caller, n) => {
    const offer = offers[n];
    if (offer) observations.push(await call(caller, offer));
  });
  return observations;
}

async function create(caller: Session, offer: Offer): Promise<Observation> {
  const sql = `SELECT public.create_conversation_atomic(${literal(offer.request)}, ${literal(offer.helper)}, 'I should like to help with this.')`;
  const observation = await perform(caller, { persona: signedIn(offer.helper), sql });
  offer.conversation = String(replyOf(observation)['conversation_id']);
  return observation;
}

function send(caller: Session, { conversation, helper }: Offer): Promise<Observation> {
  const sql = `SELECT public.send_message_v2(${literal(conversation)}, ${literal(helper)}, 'When would suit you?')`;
  return perform(caller, { persona: signedIn(helper), sql });
}

function isSuccess(observation: Observation): boolean {
  return replyOf(observation)['success'] === true;
}

function replyOf({ rows }: Observation): Readonly<Record<string, unknown>> {
  return JSON.parse(rows[0]?.[0] ?? '{}') as Record<string, unknown>;
}
