/** One act under one fault at one moment: called, struck, looked at, and judged. */

import type { KnownAct } from './acts.ts';
import { type Aftermath, aftermath, type CellGround, seenOf } from './aftermath.ts';
import { type Bout, type Fought, fight, READS_NOTHING } from './bout.ts';
import { learn } from './faultless.ts';
import { CannotOccur } from './faults/fault.ts';
import { judge } from './judge.ts';
import type { CellResult, Impossible, Moment } from './model.ts';
import { occurs, type SweepFault } from './moments.ts';

/** Leaves nothing: the clone is dropped, the proxy removed. */
export async function tryCell(
  ground: CellGround,
  known: KnownAct,
  struck: SweepFault,
  moment: Moment,
): Promise<CellResult | Impossible> {
  const began = performance.now();
  const { lab, switchboard, server, relearnt } = ground;
  const act = { ...known, faultless: relearnt.get(known.name) ?? known.faultless };
  const cell = { act: act.name, system: act.system, fault: struck.fault.id, moment };
  const possible = occurs(act, struck, moment, server === null ? 'shared' : 'own');
  if (possible !== true) return { ...cell, because: possible };
  await using db = await lab.copy(act.source);
  await using line = await switchboard.line(lab.access, db.name);
  const application = `chaos ${db.name}`;
  const bout: Bout = { act, struck, moment, db, line, access: lab.access, application, server };
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

type Judged = Pick<CellResult, 'verdict' | 'reasons' | 'stored' | 'retried'>;

/** What an act does may hang on the time of day: before it is called broken, it is seen what it does now. */
async function judged(ground: CellGround, { act, struck }: Bout, fought: Fought, after: Aftermath): Promise<Judged> {
  const by = (known: KnownAct): Judged => {
    const seen = seenOf(known, known.faultless, fought, after);
    const { stored, again } = seen;
    return { ...judge({ ...seen, harmless: struck.fault.id === 'noop' }), stored, retried: again?.stored ?? null };
  };
  const first = by(act);
  if (first.verdict !== 'broken') return first;
  const now = await learn(ground.lab, act.source, act);
  if ('because' in now) return first;
  const second = by({ ...act, repeats: now.repeats, faultless: now });
  if (second.verdict === 'broken') return first;
  ground.relearnt.set(act.name, now);
  return second;
}
