/** What a request through the front door costs beside the same statement over the wire, and how soon a gateway stands. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { perform } from '../../fixtures/act/act.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import { openDoor } from '../../fixtures/door/door.ts';
import { clientsOf } from '../../fixtures/http/client.ts';
import type { Database, Lab } from '../../fixtures/lab/lab.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { vacuumAll } from '../vacuumed.ts';
import { type Measurement, percentile, timed } from './measurement.ts';

export interface DoorLoad {
  readonly rounds: number;
  readonly openings: number;
}

export const fullLoad: DoorLoad = { rounds: 1000, openings: 7 };
export const quickLoad: DoorLoad = { rounds: 200, openings: 3 };

const project = fileURLToPath(new URL('../../supabase/messaging', import.meta.url));
const ROWS = 20;
const WARM_UP = 50;
const CONTENT = 'I could come on Tuesday.';

interface Ground {
  readonly conversation: string;
  readonly helper: string;
}

/** Both ways in turn and in changing order, so that drift of the machine falls on both alike. */
export async function measureDoor(lab: Lab, { rounds, openings }: DoorLoad): Promise<readonly Measurement[]> {
  await using database = await lab.clone({ project });
  const ground = await setUp(database);
  const options = { access: lab.access, database: database.name };
  const opened: number[] = [];
  for (let time = 0; time < openings; time += 1) {
    const { result, elapsed } = await timed(() => openDoor(options));
    await result[Symbol.asyncDispose]();
    opened.push(elapsed);
  }
  await using door = await openDoor(options);
  const persona = signedIn(ground.helper);
  const client = await clientsOf(door).as(persona);
  const session = await database.connect();
  const over = (sql: string) => async () => perform(session, { persona, sql });
  const read = {
    wire: over(
      `SELECT id, sender_id, content, created_at FROM public.messages_v2 ORDER BY created_at DESC, id LIMIT ${ROWS}`,
    ),
    http: () =>
      client
        .from('messages_v2')
        .select('id,sender_id,content,created_at')
        .order('created_at', { ascending: false })
        .order('id')
        .limit(ROWS)
        .then(({ data }) => ({ rows: data ?? [] })),
  };
  const args = { p_conversation_id: ground.conversation, p_sender_id: ground.helper, p_content: CONTENT };
  const call = {
    wire: over(`SELECT public.send_message_v2(${Object.values(args).map(literal).join(', ')})`),
    http: () =>
      client.rpc('send_message_v2', args).then(({ data }) => ({ rows: data?.success === true ? [data] : [] })),
  };
  const reads = await inTurn(read, rounds, ROWS);
  const calls = await inTurn(call, rounds, 1);
  return [
    level('RPC beside the wire', calls, 6, rounds),
    level(`select of ${ROWS} rows beside the wire`, reads, 3, rounds),
    {
      system: 'door',
      level: 'ready after',
      measured: percentile(opened, 0.5),
      unit: 'ms',
      target: { relation: '<', value: 1000 },
      under: `median of ${openings}, ${door.kind}`,
    },
  ];
}

type Way = () => PromiseLike<{ readonly rows: readonly unknown[] }>;

/** Medians of each way. @throws Error where one does not answer with so many rows: nothing else was to be measured. */
async function inTurn(ways: Readonly<Record<'wire' | 'http', Way>>, rounds: number, rows: number) {
  const times = { wire: [] as number[], http: [] as number[] };
  for (let round = -WARM_UP; round < rounds; round += 1) {
    for (const name of round % 2 === 0 ? (['wire', 'http'] as const) : (['http', 'wire'] as const)) {
      const { result, elapsed } = await timed(async () => await ways[name]());
      if (result.rows.length !== rows) throw new Error(`${name} answered ${result.rows.length} rows of ${rows}`);
      if (round >= 0) times[name].push(elapsed);
    }
  }
  return { wire: percentile(times.wire, 0.5), http: percentile(times.http, 0.5) };
}

function level(
  name: string,
  { wire, http }: { readonly wire: number; readonly http: number },
  most: number,
  rounds: number,
): Measurement {
  return {
    system: 'door',
    level: name,
    measured: http / wire,
    unit: '×',
    target: { relation: '≤', value: most },
    under: `medians of ${rounds} in turn: ${http.toFixed(3)} ms and ${wire.toFixed(3)} ms`,
  };
}

/** A conversation of two with more messages than are read. */
async function setUp(database: Database): Promise<Ground> {
  const [requester, helper, request] = [randomUUID(), randomUUID(), randomUUID()];
  const { owner } = database;
  await owner.script(`
    INSERT INTO auth.users (id, email) VALUES (${literal(requester)}, 'a@example.test'), (${literal(helper)}, 'b@example.test');
    INSERT INTO public.help_requests (id, user_id, title) VALUES (${literal(request)}, ${literal(requester)}, 'Bench')`);
  const session = await database.connect();
  const persona = signedIn(helper);
  const said = async (sql: string): Promise<Readonly<Record<string, unknown>>> =>
    JSON.parse((await perform(session, { persona, sql })).rows[0]?.[0] ?? '{}');
  const ids = [request, helper].map(literal).join(', ');
  const made = await said(`SELECT public.create_conversation_atomic(${ids}, ${literal(CONTENT)})`);
  const conversation = String(made['conversation_id']);
  const send = `SELECT public.send_message_v2(${[conversation, helper, CONTENT].map(literal).join(', ')})`;
  for (let message = 0; message < 2 * ROWS; message += 1) await said(send);
  await vacuumAll(owner);
  return { conversation, helper };
}
