/** Several calls struck by one strike of a fault that the whole server feels: each is judged as if it had been alone. */

import { fileURLToPath } from 'node:url';
import { describe, expect, inject, test } from 'vitest';
import { findActs } from '../../chaos/acts.ts';
import type { Field, ServerFault } from '../../chaos/faults/field.ts';
import { restartImmediate } from '../../chaos/faults/restart.ts';
import { slotsUsedUp } from '../../chaos/faults/slots-used-up.ts';
import { type CellResult, type Moment, moments } from '../../chaos/model.ts';
import { openOwnGround } from '../../chaos/own-ground.ts';
import { sharedStrike } from '../../chaos/shared-strike.ts';
import { sweep } from '../../chaos/sweep.ts';
import { withEngine } from './servers-support.ts';

const field = {} as Field;

/** Whatever waits for nobody has happened. */
const turn = () => new Promise(setImmediate);

const early = ['connecting', 'start-up'] as const;
const others = moments.filter((moment) => moment !== 'query');

/** Notes what happens to the server. */
function noted(strike: () => Promise<void> = async () => undefined) {
  const log: string[] = [];
  const fault: ServerFault = {
    ...{ id: 'noted', says: '', strikes: 'server', never: {} },
    apply: async () => {
      log.push('struck');
      await strike();
      return async () => void log.push('healed');
    },
  };
  return { log, fault };
}

describe('a shared strike', () => {
  test('comes once, when all have come to their moments, and is healed once, when all have been struck', async () => {
    const { log, fault } = noted();
    const shareOf = sharedStrike(fault, 2);
    const [one, other] = [shareOf(), shareOf()];
    const first = one.fault.apply(field);
    await turn();
    expect(log).toEqual([]);
    const healings = await Promise.all([first, other.fault.apply(field)]);
    expect(log).toEqual(['struck']);
    const [healed, ...later] = healings.map((heal) => heal());
    await turn();
    expect(log).toEqual(['struck', 'healed']);
    await Promise.all([healed, ...later, one.done(), other.done()]);
    expect(log).toEqual(['struck', 'healed']);
  });

  test('is not healed as long as one call is still being struck', async () => {
    const { log, fault } = noted();
    const shareOf = sharedStrike(fault, 2);
    const [heal, healOther] = await Promise.all([shareOf().fault.apply(field), shareOf().fault.apply(field)]);
    const healing = heal();
    await turn();
    expect(log).toEqual(['struck']);
    await Promise.all([healing, healOther()]);
    expect(log).toEqual(['struck', 'healed']);
  });

  test('does not wait for a call that ended before its moment', async () => {
    const { log, fault } = noted();
    const shareOf = sharedStrike(fault, 2);
    const [one, other] = [shareOf(), shareOf()];
    const struck = one.fault.apply(field);
    await other.done();
    await (await struck)();
    expect(log).toEqual(['struck', 'healed']);
  });

  test('is healed even if no struck call comes to heal it', async () => {
    const { log, fault } = noted();
    const share = sharedStrike(fault, 1)();
    await share.fault.apply(field);
    await share.done();
    expect(log).toEqual(['struck', 'healed']);
  });

  test('that fails is told to every call, and there is nothing to heal', async () => {
    const { log, fault } = noted(() => Promise.reject(new Error('it does not stop')));
    const shareOf = sharedStrike(fault, 2);
    const shares = [shareOf(), shareOf()];
    const told = await Promise.allSettled(shares.map((share) => share.fault.apply(field)));
    expect(told).toEqual(shares.map(() => ({ status: 'rejected', reason: new Error('it does not stop') })));
    await Promise.all(shares.map((share) => share.done()));
    expect(log).toEqual(['struck']);
  });
});

describe('on a server', () => {
  test('a call that is half done is found among those that are not, and each hears what it would have heard alone', async () => {
    await using stack = new AsyncDisposableStack();
    const own = await openOwnGround(stack, { env: withEngine(), kind: inject('server').kind });
    if (typeof own === 'string') throw new Error(own);
    const project = fileURLToPath(new URL('swept/planted', import.meta.url));
    const acted = await findActs(own.lab, { project, platform: 'supabase', populated: { seed: 1 } });
    const faults = [restartImmediate, slotsUsedUp].map((fault) => ({ on: 'field' as const, fault }));
    let stops = 0;
    const server = {
      ...own.server,
      stop: (mode: 'fast' | 'immediate') => {
        stops += 1;
        return own.server.stop(mode);
      },
    };
    const cellOf = (act: string, fault: string, moment: Moment) => ({ act, system: acted.system, fault, moment });
    const acts = ['INSERT public.notes', 'public.in_halves(text)', 'public.note_once(text)'];
    const cells = [
      ...acts.map((act) => cellOf(act, restartImmediate.id, 'query')),
      ...others.map((moment) => cellOf('INSERT public.notes', restartImmediate.id, moment)),
      ...acts.flatMap((act) => early.map((moment) => cellOf(act, slotsUsedUp.id, moment))),
    ];
    const results = await sweep(acted, cells, { ...own, server, faults });
    expect(stops).toBe(1);
    const refused = early.map((moment) => `slots-used-up ${moment}: held, 53300, absent`);
    expect(results.map((result) => seenIn(result as CellResult))).toEqual([
      'restart-immediate query: held, lost, absent',
      'restart-immediate query: broken, lost, other',
      'restart-immediate query: held, lost, absent',
      ...others.map((moment) => `restart-immediate ${moment}: held, lost, absent`),
      ...acts.flatMap(() => refused),
    ]);
  });
});

function seenIn({ fault, moment, verdict, told, stored }: CellResult): string {
  return `${fault} ${moment}: ${verdict}, ${told.state === 'refused' ? told.sqlstate : told.state}, ${stored}`;
}
