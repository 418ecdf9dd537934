/** C-02 on Platform core: of calls that come together some fail before the server, some after it, and some pass. */

import type { Fault, Healing, Wire } from '../faults/fault.ts';
import { networkFaults } from '../faults/network.ts';
import type { Line } from '../line.ts';
import type { Scenario, ScenarioStage } from '../scenario.ts';
import { ask, connected, counted, type Heard, insist, said } from './calls.ts';
import { drawn, shuffled } from './chance.ts';
import { openCore } from './core.ts';
import { effectsOf, isStored, type Order, ordersOf, settled } from './core-orders.ts';
import { gone } from './looks.ts';

export const scenario: Scenario = {
  id: 'C-02',
  title: 'partial API outage',
  system: 'core',
  kind: 'blocking',
  mustHold: 'Whatever call was lost, and wherever: retried under its key, it is done once.',
  protections: [
    { id: 'stored outcomes are looked up', guards: ['function core.earlier_reply(core.command): guard replay'] },
    {
      id: 'idempotency',
      guards: [
        'function core.earlier_reply(core.command): guard replay',
        'constraint public.core_outcomes "core_outcomes_identity"',
      ],
    },
  ],
  run: async (stage) => {
    const core = await openCore(stage, 6);
    const orders = ordersOf(core);
    const heard = new Map<Order, readonly Heard[]>();
    for (const round of [1, 2]) {
      for (const [order, one] of await outage(stage, orders, round))
        heard.set(order, [...(heard.get(order) ?? []), one]);
    }
    await Promise.all(
      orders.map(async (order) => {
        const last = await insist(stage, { name: order.name, line: stage.line }, order.probe);
        stage.tell(order.name, `asks again for ${order.what}: ${said(last)}`);
        heard.set(order, [...(heard.get(order) ?? []), last]);
      }),
    );
    await settled(stage, core, heard);
  },
};

/** What becomes of a call, and where it is struck. */
const FATES = {
  'the call passes': null,
  'the request was lost': 'upstream',
  'the reply was lost': 'downstream',
  'the way was closed': 'down',
} as const;
type Fate = keyof typeof FATES;

const fates = Object.keys(FATES) as readonly Fate[];

/** Milliseconds after which a client of an outage gives up: a connection that hangs says nothing by itself. */
const PATIENCE = 1_500;

/** One of the faults by which requests, or replies, are lost. */
function faultOf(fate: Fate, ...words: readonly (string | number)[]): Fault<Wire> | null {
  const stream = FATES[fate];
  const kinds = ['timeout', 'limit_data', 'reset_peer', 'bandwidth'];
  const id = stream === 'down' ? stream : `${kinds[drawn(kinds.length, ...words, fate)]}:${stream}`;
  return networkFaults.find((fault) => fault.id === id) ?? null;
}

/** Every call once, each on the way that its fate gives it. */
async function outage(stage: ScenarioStage, orders: readonly Order[], round: number): Promise<Map<Order, Heard>> {
  const { db, seed } = stage;
  const ways = new Map<Fate, { readonly line: Line; readonly fault: Fault<Wire> | null }>();
  for (const fate of fates) {
    const [line, fault] = [await stage.open(), faultOf(fate, seed, round)];
    if (fault) await stage.arm(fault, line);
    ways.set(fate, { line, fault });
  }
  const sent = await Promise.all(
    shuffled(orders, seed, round).map(async (order, n) => {
      const fate = fates[n % fates.length] ?? 'the call passes';
      const line = ways.get(fate)?.line ?? stage.line;
      return { order, fate, session: await connected(stage, { name: order.name, line, patience: PATIENCE }) };
    }),
  );
  const before = await effectsOf(db.owner, orders);
  const heal: Healing[] = [];
  for (const { line, fault } of ways.values()) if (fault) heal.push(await stage.strike(fault, line));
  const pids = sent.map(({ session }) => session.processId);
  const heard = await Promise.all(
    sent.map(async ({ order, fate, session }) => {
      stage.tell(order.name, `asks for ${order.what}`);
      const one = await ask(session, order.probe);
      stage.tell(order.name, `${said(one)}; ${fate}`);
      return { order, fate, one };
    }),
  );
  for (const healing of heal) await healing();
  await gone(db.owner, pids);
  const after = await effectsOf(db.owner, orders);
  const astray = heard.filter(({ order, fate, one }) => {
    const lost = FATES[fate] !== null;
    const isDone = isStored(before, order) || !lost || FATES[fate] === 'downstream';
    return (one.state === 'lost') !== lost || isStored(after, order) !== isDone;
  });
  const seen = fates.map(
    (fate) => `${fate}: ${counted(heard.filter((h) => h.fate === fate).map(({ one }) => said(one)))}`,
  );
  stage.claim(
    `outage ${round} strikes calls before the server, after it, and lets some pass`,
    astray.length === 0 || null,
    seen.join('; '),
  );
  return new Map(heard.map(({ order, one }) => [order, one]));
}
