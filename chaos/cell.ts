/** One act under one fault at one moment: called, struck, looked at, and judged. */

import type { Lab } from '../fixtures/lab/lab.ts';
import type { Probe } from '../fixtures/model/probe.ts';
import type { KnownAct } from './acts.ts';
import { type Aftermath, aftermath, type CellGround, seenOf } from './aftermath.ts';
import { type Bout, type Fought, fight, READS_NOTHING } from './bout.ts';
import { learn } from './faultless.ts';
import { CannotOccur } from './faults/fault.ts';
import { judge } from './judge.ts';
import type { CellResult, Impossible, Moment } from './model.ts';
import { occurs, type SweepFault, saidUnder } from './moments.ts';

/** Leaves nothing: the clone is dropped, the proxy removed. */
export async function tryCell(
  ground: CellGround,
  known: KnownAct,
  struck: SweepFault,
  moment: Moment,
): Promise<CellResult | Impossible> {
  const began = performance.now();
  const { lab, switchboard, server, relearnt } = ground;
  const cell = { act: known.name, system: known.system, fault: struck.fault.id, moment };
  const possible = occurs(known, struck, moment, server === null ? 'shared' : 'own');
  if (possible !== true) return { ...cell, because: possible };
  const said = saidUnder(known, struck);
  if (typeof said === 'string') return { ...cell, because: said };
  const act =
    struck.on === 'client'
      ? await skewed(lab, known, said)
      : { ...known, faultless: relearnt.get(known.name) ?? known.faultless };
  await using db = await lab.copy(act.source);
  await using line = await switchboard.line(lab.access, db.name);
  const application = `chaos ${db.name}`;
  const bout: Bout = { act, said, struck, moment, db, line, access: lab.access, application, server };
  const fought = await fight(bout).catch(because);
  if (typeof fought === 'string') return { ...cell, because: fought };
  if (fought.missed === READS_NOTHING) return { ...cell, because: READS_NOTHING };
  const after = await aftermath(ground, bout, fought);
  const result = await judged(ground, bout, fought, after);
  return { ...cell, told: fought.told, ...result, milliseconds: Math.round(performance.now() - began) };
}

function because(error: unknown): string {
  if (error instanceof CannotOccur) return error.message;
  throw error;
}

/** What hangs on the time that the client names may be stored otherwise, but no row more or less. */
async function skewed(lab: Lab, act: KnownAct, said: Probe): Promise<KnownAct> {
  const learnt = await learn(lab, act.source, act, { ...act, probe: said });
  // Where such a call is refused, nothing of it is to be stored.
  if ('because' in learnt) return act;
  return { ...act, faultless: { ...learnt, reply: act.faultless.reply } };
}

type Judged = Pick<CellResult, 'verdict' | 'reasons' | 'stored' | 'retried'>;

/** What an act does may hang on the time of day: before it is called broken, it is seen what it does now. */
async function judged(ground: CellGround, { act, struck }: Bout, fought: Fought, after: Aftermath): Promise<Judged> {
  const by = (known: KnownAct): Judged => {
    const seen = seenOf(known, known.faultless, fought, after);
    const { stored, again } = seen;
    const how = { harmless: struck.fault.id === 'noop', skewed: struck.on === 'client' };
    return { ...judge({ ...seen, ...how }), stored, retried: again?.stored ?? null };
  };
  const first = by(act);
  if (first.verdict !== 'broken' || struck.on === 'client') return first;
  const now = await learn(ground.lab, act.source, act);
  if ('because' in now || now.touched.length < act.faultless.touched.length) {
    const why = 'because' in now ? now.because : 'it does less';
    return { ...first, verdict: 'unknown', reasons: [`by now it does not work without a fault either: ${why}`] };
  }
  const second = by({ ...act, repeats: act.promised ? 'once' : now.repeats, faultless: now });
  if (second.verdict === 'broken') return first;
  ground.relearnt.set(act.name, now);
  return second;
}
