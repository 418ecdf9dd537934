/** What a scenario of a wrong clock does on Platform core; ahead and behind differ by the sign alone. */

import type { Persona } from '../../fixtures/model/persona.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import { toxicFault } from '../faults/toxic.ts';
import type { Protection, ScenarioStage } from '../scenario.ts';
import { ask, call, connected, counted, type Heard, said } from './calls.ts';
import { drawn } from './chance.ts';
import { clientOf, type Ground, messages, type Sent, send, skewed } from './clock-sending.ts';
import { key, message, openCore, storedOf } from './core.ts';
import { changed, stateOf, waiting } from './looks.ts';
import { rewritten } from './rewritten.ts';

/** By how many milliseconds a client's clock may be off. */
const WINDOW = 300_000;

/** Milliseconds that a call may be under way without changing what is expected of it. */
const MARGIN = 60_000;

const slow = toxicFault({
  type: 'latency',
  stream: 'upstream',
  attributes: { latency: 400, jitter: 0 },
  says: 'everything comes 400 ms late',
});

const answer = 'function core.clock_refusal(timestamp with time zone): guard clock-skew';
const arrival = (routine: string) => rewritten(routine, 'statement_timestamp()', 'clock_timestamp()');

/** Behind the answer stands the trigger, which refuses with an error in its place. */
export const clockProtections: readonly Protection[] = [
  { id: 'clock guard', guards: [answer, 'trigger public.core_events "guard_clock_skew"'] },
  { id: 'reply of the clock guard', guards: [answer] },
  {
    id: 'the clock is read when the call comes in',
    remove: [arrival('core.clock_refusal(timestamptz)'), arrival('core.guard_clock_skew()')],
  },
];

/** @param way 1: the clocks are ahead of the server's, -1: behind */
export async function skew(stage: ScenarioStage, way: 1 | -1): Promise<void> {
  const ground = { stage, core: await openCore(stage, 3), clock: { offset: 0 }, way };
  await outside(ground);
  await boundary(ground);
  await inside(ground);
  await onTheWay(ground);
}

/** Every member sends with a clock that is far off, learns by how much, and sends again. */
async function outside(ground: Ground): Promise<void> {
  const { stage, clock, way } = ground;
  const beyond = WINDOW + MARGIN + drawn(30 * 86_400_000, stage.seed, 'beyond');
  const heal = await stage.strike(skewed(way * beyond), clock);
  const before = await stateOf(stage.db, ['core_rate_limits']);
  const tries = await send(ground, messages(ground));
  await heal();
  const wrong = tries.filter(({ heard, since, until }) => !isTold(heard, way * beyond, [since, until]));
  stage.claim(
    'a clock beyond the window is refused, with the time of the server and how far the clock is off',
    wrong.length === 0,
    counted(tries.map(({ heard }) => said(heard))),
  );
  const written = changed(before, await stateOf(stage.db, ['core_rate_limits']));
  stage.claim('a refused call writes nothing', written.length === 0, written.join(', ') || 'every row is as it was');
  await corrected(ground, tries);
}

/** The hint is what the clock was off when the call came in: the call was on its way since. */
function isTold(heard: Heard, offset: number, [since, until]: readonly [number, number]): boolean {
  if (heard.state !== 'answered' || heard.reply.code !== 'clock_skew') return false;
  const { ok, server_time, skew_hint: hint } = heard.reply;
  const at = Date.parse(String(server_time));
  const isNow = at >= Math.floor(since) && at <= Math.ceil(until);
  return ok === false && isNow && Number(hint) <= offset + 1 && Number(hint) >= offset - (until - since) - 1;
}

async function corrected(ground: Ground, tries: readonly Sent[]): Promise<void> {
  const { stage } = ground;
  const again = await send(
    ground,
    tries.map(({ persona, key: under, at, heard }) => {
      const hint = heard.state === 'answered' ? Number(heard.reply['skew_hint'] ?? 0) : 0;
      return { persona, key: under, at: at - hint };
    }),
  );
  const stored = await storedOf(
    stage.db.owner,
    tries.map((one) => one.key),
  );
  const once = [...stored.values()].filter(({ events, outcomes }) => events === 1 && outcomes.length === 1).length;
  stage.claim(
    'with the clock put right by the hint the same call, under the same key, is done once',
    once === tries.length && again.every(({ heard }) => isAppended(heard)),
    `${counted(again.map(({ heard }) => said(heard)))}; ${once} of ${tries.length} keys have one event and one outcome`,
  );
}

function isAppended(heard: Heard): boolean {
  return heard.state === 'answered' && heard.reply.code === 'event_appended';
}

/** Told by the server's own clock when the call comes in, so that the moment is exact. */
function exactly({ core }: Ground, persona: Persona, milliseconds: number): Probe {
  const { sql } = message(persona, core.scope, { p_client_ts: 'CLOCK' });
  const at = `statement_timestamp() + interval ${literal(`${milliseconds} milliseconds`)}`;
  return { persona, sql: sql.replace(literal('CLOCK'), at) };
}

async function boundary(ground: Ground): Promise<void> {
  const { stage, core, way } = ground;
  const [persona = core.ann] = core.members;
  const told: string[] = [];
  for (const off of [WINDOW, WINDOW + 1]) {
    const heard = await call(stage, clientOf(ground, persona), exactly(ground, persona, way * off));
    stage.tell(persona.name, `whose clock is off by ${way * off} ms: ${said(heard)}`);
    told.push(said(heard));
  }
  stage.claim(
    'off by 300,000 ms is accepted, by one more refused',
    told.join() === 'answered event_appended,answered clock_skew',
    told.join(', '),
  );
  await waited(ground, persona, way === 1 ? WINDOW + 1 : WINDOW);
}

/** Behind a lock time passes: who was refused when the call came in would be accepted by then, or the other way round. */
async function waited(ground: Ground, persona: Persona, off: number): Promise<void> {
  const { stage, core, way } = ground;
  await using holder = await stage.db.connectAsOwner();
  await using session = await connected(stage, clientOf(ground, persona));
  await holder.script(`BEGIN; SELECT 1 FROM public.core_scopes WHERE id = ${literal(core.scope)} FOR NO KEY UPDATE`);
  stage.tell('owner', 'holds the row of the scope');
  const asked = ask(session, exactly(ground, persona, way * off));
  await waiting(stage.db.owner, [session.processId]);
  await holder.script('SELECT pg_sleep(0.1); COMMIT');
  const heard = await asked;
  stage.tell(persona.name, `off by ${way * off} ms, waited for the row and is ${said(heard)}`);
  stage.claim(
    'a clock is judged by when the call came in, however long it waits for a lock',
    said(heard) === (off > WINDOW ? 'answered clock_skew' : 'answered event_appended'),
    said(heard),
  );
}

/** Off, but within the window. */
async function inside(ground: Ground): Promise<void> {
  const { stage, clock, way } = ground;
  const within = 1 + drawn(WINDOW - MARGIN, stage.seed, 'within');
  const heal = await stage.strike(skewed(way * within), clock);
  const tries = await send(ground, messages(ground));
  await heal();
  const kept = tries.filter(({ heard, since, until }) => {
    const at = heard.state === 'answered' ? Date.parse(String(heard.reply['server_time'])) : Number.NaN;
    return isAppended(heard) && at >= Math.floor(since) && at <= Math.ceil(until);
  });
  stage.claim(
    'a clock within the window is accepted, and the log keeps the time of the server',
    kept.length === tries.length,
    counted(tries.map(({ heard }) => said(heard))),
  );
}

/** 400 ms on the way: what was ahead has come nearer when it arrives, what was behind is further off. */
async function onTheWay(ground: Ground): Promise<void> {
  const { stage, core, clock, way } = ground;
  const [, persona = core.ann] = core.members;
  const off = way === 1 ? WINDOW + 200 : WINDOW - 200;
  const healClock = await stage.strike(skewed(way * off), clock);
  let healLine = async () => {};
  const [one] = await send(ground, [{ persona, key: key() }], async () => {
    healLine = await stage.strike(slow, stage.line);
  });
  await healLine();
  await healClock();
  const told = one ? said(one.heard) : 'nothing';
  stage.claim(
    `${off} ms ${way === 1 ? 'ahead' : 'behind'}, and 400 ms on its way, a call is ${way === 1 ? 'accepted' : 'refused'}`,
    told === (way === 1 ? 'answered event_appended' : 'answered clock_skew'),
    told,
  );
}
