/** C-01 on Platform core: many append while an operator, a lock of a table or another client holds them up. */

import type { Session } from '../../fixtures/wire/session.ts';
import { cancelled, terminated } from '../faults/backend.ts';
import { down } from '../faults/down.ts';
import type { Line } from '../line.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { ask, askInPieces, connected, counted, type Heard, insist, said } from './calls.ts';
import { drawn, shuffled } from './chance.ts';
import { type Core, openCore } from './core.ts';
import { byClient, byOperator, byTable, type Held, type Hold } from './core-holds.ts';
import { effectsOf, messageOrder, type Order, settled } from './core-orders.ts';
import { fieldOf } from './field.ts';
import { gone, waiting } from './looks.ts';

const replay = 'function core.earlier_reply(core.command): guard replay';
const open = 'function core.open_command(uuid,text,text,jsonb,text[],text[])';

export const scenario: Scenario = {
  id: 'C-01',
  title: 'database lock contention',
  system: 'core',
  kind: 'blocking',
  mustHold:
    'Whoever waits, gives up, is cancelled or cut off: nothing is half committed, and each key has one event and one outcome.',
  protections: [
    { id: 'idempotency', guards: [replay, 'constraint public.core_outcomes "core_outcomes_identity"'] },
    {
      id: 'a key is locked',
      guards: [`${open}: PERFORM pg_advisory_xact_lock(hashtextextended(concat_ws(' ', COALESCE(v_comman…`],
    },
    {
      id: 'the row of the scope is locked',
      guards: ['function core.locked_scope(core.command): FROM public.core_scopes AS scope FOR NO KEY UPDATE'],
    },
  ],
  run: async (stage) => {
    const core = await openCore(stage, 5);
    const heard = new Map<Order, readonly Heard[]>();
    for (const hold of shuffled([byOperator, byTable, byClient], stage.seed, 'holds'))
      for (const [order, told] of await contention(stage, core, hold))
        heard.set(order, [...(heard.get(order) ?? []), ...told]);
    await settled(stage, core, heard);
  },
};

type Way = 'untroubled' | 'cancelled' | 'terminated' | 'lock time-out' | 'cut' | 'cut in its transaction';

/** Those of eight; of more, each fourth is cut and the others wait in peace. */
const WAYS: readonly Way[] = [
  'untroubled',
  'untroubled',
  'cancelled',
  'lock time-out',
  'cut',
  'cut in its transaction',
  'terminated',
  'cancelled',
];

/** What each is told; of one whose line is cut nothing else is known. */
const TOLD: Readonly<Record<Way, RegExp>> = {
  untroubled: /^answered event_appended$/,
  cancelled: /^refused 57014$/,
  terminated: /^refused 57P01$/,
  'lock time-out': /^refused 55P03$/,
  cut: /^no answer /,
  'cut in its transaction': /^no answer /,
};

interface Waiter {
  readonly name: string;
  readonly order: Order;
  readonly way: Way;
  readonly session: Session;
}

/** From 8 to 16 clients; who is struck, and how, is drawn. Four mean the same message, and two of them wait in peace. */
async function waitersOf(stage: ScenarioStage, core: Core, hold: Hold, cut: Line): Promise<readonly Waiter[]> {
  const { seed, line } = stage;
  const [first, second, ...some] = WAYS;
  const more = Array.from({ length: drawn(9, seed, hold.name) }, (_, n): Way => (n % 4 === 3 ? 'cut' : 'untroubled'));
  const ways = [first, second, ...shuffled([...some, ...more], seed, hold.name)] as readonly Way[];
  const people = core.members.slice(1);
  const [twice = core.ann] = people;
  const same = messageOrder(core, twice, `${twice.name} on four devices`);
  const waiters = ways.map(async (way, n) => {
    const order = n < 4 ? same : messageOrder(core, people[n % people.length] ?? core.ann);
    const name = `client ${n + 1}`;
    const session = await connected(stage, { name, line: way.startsWith('cut') ? cut : line });
    if (way === 'lock time-out') await session.query("SET lock_timeout = '200ms'");
    return { name, order, way, session };
  });
  return shuffled(await Promise.all(waiters), seed, hold.name, 'order');
}

/** Everybody asks, waits, and is let go or struck; then everybody asks again. */
async function contention(stage: ScenarioStage, core: Core, hold: Hold): Promise<ReadonlyMap<Order, readonly Heard[]>> {
  const { tell } = stage;
  const cut = await stage.open();
  const held = await hold(stage, core);
  tell('holder', held.says);
  const waiters = await waitersOf(stage, core, hold, cut);
  const heard = await struck(stage, { held, waiters, cut });
  const wrong = heard.filter(({ way, one }) => !TOLD[way].test(said(one)));
  const calm = heard.filter(({ way }) => way === 'untroubled');
  stage.claim(
    `${held.says}: whoever is cancelled, ended, cut off or out of patience is told so`,
    wrong.every(({ way }) => way === 'untroubled') || null,
    counted(heard.filter((one) => !calm.includes(one)).map(({ way, one }) => `${way}: ${said(one)}`)),
  );
  stage.claim(
    `${held.says}: whoever waits in peace is served`,
    wrong.every(({ way }) => way !== 'untroubled'),
    counted(calm.map(({ one }) => said(one))),
  );
  await denied(stage, held);
  const told = new Map<Order, Heard[]>();
  for (const { order, one } of heard) told.set(order, [...(told.get(order) ?? []), one]);
  await Promise.all(
    [...told].map(async ([order, before]) => {
      before.push(await insist(stage, { name: order.name, line: stage.line }, order.probe));
    }),
  );
  tell(
    'clients',
    `all ask again under their keys: ${counted([...told.values()].map((all) => said(all.at(-1) as Heard)))}`,
  );
  return told;
}

interface Waiting {
  readonly held: Held;
  readonly waiters: readonly Waiter[];
  readonly cut: Line;
}

async function struck(stage: ScenarioStage, { held, waiters, cut }: Waiting) {
  const { db, tell } = stage;
  const patient = waiters.filter(({ way }) => way !== 'lock time-out');
  const begin = (some: readonly Waiter[]) =>
    some.map(async (waiter) => ({ ...waiter, one: await hears(stage, waiter) }));
  const asked = begin(patient);
  const outsider = held.asks && held.denied ? await outside(stage, held.denied) : [];
  const pids = [...patient, ...outsider].map(({ session }) => session.processId);
  await waiting(db.owner, pids);
  tell('server', `${pids.length} clients wait for locks`);
  const impatient = await Promise.all(begin(waiters.filter(({ way }) => way === 'lock time-out')));
  for (const { way, session } of patient) {
    const fault = { cancelled, terminated }[way as 'cancelled'];
    if (fault) await (await stage.strike(fault, fieldOf(stage, session.processId)))();
  }
  const heal = await stage.strike(down, cut);
  await held.release();
  tell('holder', 'lets go');
  const heard = [...impatient, ...(await Promise.all(asked))];
  await Promise.all(outsider.map(({ refused }) => refused));
  await heal();
  await gone(db.owner, pids);
  return heard;
}

async function hears({ tell }: ScenarioStage, { name, order, way, session }: Waiter): Promise<Heard> {
  tell(name, `asks for ${order.what} of ${order.name}`);
  const isWhole = way !== 'cut in its transaction';
  const heard = isWhole
    ? await ask(session, order.probe)
    : await askInPieces(session, order.probe, async () => undefined);
  tell(name, `${way}: ${said(heard)}`);
  return heard;
}

/** Who has lost the right to be served by the time they are. */
async function outside(stage: ScenarioStage, order: Order) {
  const session = await connected(stage, { name: order.name, line: stage.line });
  stage.tell(order.name, `asks for ${order.what}`);
  const refused = ask(session, order.probe).then((one) => {
    stage.tell(order.name, said(one));
    stage.claim(
      'who was taken out of the group while they waited is told so',
      said(one) === 'answered membership_revoked',
      said(one),
    );
  });
  return [{ session, refused }];
}

async function denied(stage: ScenarioStage, { says, denied: order }: Held): Promise<void> {
  if (order === null) return;
  const count = (await effectsOf(stage.db.owner, [order])).get(order.key);
  stage.claim(
    `${says}: of the message of ${order.name} nothing is there`,
    count?.count === 0 && count.outcomes.length === 0,
    `${count?.count} events, ${count?.outcomes.length} outcomes`,
  );
}
