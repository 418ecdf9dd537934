/** The sweep on a project with faults of its own, and on one without: what is half done, done twice or left behind is found. */

import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { type Acted, findActs } from '../../chaos/acts.ts';
import { connectClient } from '../../chaos/client.ts';
import { clientFaults } from '../../chaos/faults/clock.ts';
import { networkFaults } from '../../chaos/faults/network.ts';
import { serverFaults } from '../../chaos/faults/server.ts';
import { openSwitchboard, type Switchboard } from '../../chaos/line.ts';
import { type CellResult, type Moment, moments } from '../../chaos/model.ts';
import type { SweepFault } from '../../chaos/moments.ts';
import { sweep } from '../../chaos/sweep.ts';
import { leftOn } from '../../chaos/tenant.ts';
import { fileLab } from '../file-lab.ts';

const access = inject('server');
const lab = fileLab();
const faults: readonly SweepFault[] = [
  ...networkFaults.map((fault) => ({ on: 'wire' as const, fault })),
  ...serverFaults.map((fault) => ({ on: 'field' as const, fault })),
  ...clientFaults.map((fault) => ({ on: 'client' as const, fault })),
];
let switchboard: Switchboard;
let planted: Acted;
let sound: Acted;

const actsOf = (name: string) => {
  const project = fileURLToPath(new URL(`swept/${name}`, import.meta.url));
  return findActs(lab, { project, platform: 'supabase', populated: { seed: 1 } });
};

beforeAll(async () => {
  switchboard = await openSwitchboard({ access });
  planted = await actsOf('planted');
  sound = await actsOf('sound');
});
afterAll(() => switchboard[Symbol.asyncDispose]());

async function cellsOf(acted: Acted, rpc: string, fault: string, those: readonly Moment[]) {
  const act = acted.acts.find(({ name }) => name.startsWith(`public.${rpc}(`));
  if (!act) throw new Error(`no act of ${rpc}: ${JSON.stringify(acted.actless)}`);
  const cells = those.map((moment) => ({ act: act.name, system: acted.system, fault, moment }));
  return await sweep(acted, cells, { lab, switchboard, faults });
}

async function cellOf(acted: Acted, rpc: string, fault: string, moment: Moment): Promise<CellResult> {
  const [result] = await cellsOf(acted, rpc, fault, [moment]);
  if (!result || 'because' in result) throw new Error(`the cell cannot occur: ${result?.because}`);
  return result;
}

describe.each([
  ['in_halves', 'terminated', 'query', /1 of its 2 rows are stored/],
  ['note_once', 'limit_data:downstream', 'commit', /should be stored once and is/],
  ['noted', 'limit_data:downstream', 'commit', /should be stored once and is twice/],
  ['bleeding', 'noop', 'query', /next tenant .* finds a setting: app\.tenant/],
  ['locking', 'noop', 'query', /next tenant .* finds an advisory lock/],
  ['scratching', 'noop', 'query', /next tenant .* finds a temporary table: scratch/],
  ['climbing', 'noop', 'commit', /next tenant .* finds a role: authenticated/],
  ['claiming', 'noop', 'query', /next tenant .* finds a setting: request\.jwt\.claims/],
  ['counting', 'cancelled', 'query', /rows that it never writes: update public\.tallies × \d/],
  ['sent_at', 'clock-ahead', 'query', /1 of its 2 rows are stored, without update public\.tallies/],
  ['synced', 'clock-ahead', 'query', /it was answered, and nothing is stored/],
  ['dated', 'clock-behind', 'query', /rows that it never writes: insert public\.calls/],
] as const)('%s under %s at %s', (rpc, fault, moment, reason) => {
  test('is broken where the fault is planted', async () => {
    const { verdict, reasons } = await cellOf(planted, rpc, fault, moment);
    expect(reasons).toEqual([expect.stringMatching(reason)]);
    expect(verdict).toBe('broken');
  });

  test('is held where it is repaired', async () => {
    expect(await cellOf(sound, rpc, fault, moment)).toMatchObject({ verdict: 'held', reasons: [] });
  });
});

describe('acts', () => {
  test('are every RPC and every write that a policy lets through; a procedure that commits runs outside of a transaction', () => {
    const plain = ['bleeding', 'claiming', 'climbing', 'counting', 'in_halves', 'locking', 'note_once', 'scratching'];
    const keyed = ['noted(text,text)'];
    const dated = ['dated', 'sent_at', 'synced'].map((name) => `${name}(text,timestamp with time zone)`);
    const rpcs = [...plain.map((name) => `${name}(text)`), ...keyed, ...dated, 'skew(timestamp with time zone)'];
    const writes = ['calls', 'notes', 'tallies'].flatMap((table) =>
      ['DELETE', 'INSERT', 'UPDATE'].map((verb) => `${verb} public.${table}`),
    );
    const names = [...rpcs.map((name) => `public.${name}`), ...writes].toSorted();
    for (const { acts, actless } of [planted, sound]) {
      expect(actless).toEqual([]);
      expect(acts.map(({ name }) => name).toSorted()).toEqual(names);
    }
    const own = (acted: Acted) => acted.acts.filter(({ transaction }) => transaction === 'own').map(({ name }) => name);
    expect(own(planted)).toEqual(['public.in_halves(text)']);
    expect(own(sound)).toEqual([]);
  });

  test('are known by what they do when made twice', () => {
    const repeats = Object.fromEntries(sound.acts.map(({ name, repeats: how }) => [name, how]));
    expect(repeats).toMatchObject({
      'public.note_once(text)': 'once',
      'public.bleeding(text)': 'again',
      'INSERT public.notes': 'again',
      'INSERT public.tallies': 'once',
      'DELETE public.notes': 'once',
    });
  });
});

test('a transaction that a client leaves open is found on its connection, and nothing once it has ended', async () => {
  await using db = await lab.clone({ project: fileURLToPath(new URL('swept/sound', import.meta.url)) });
  const client = await connectClient({ access, database: db.name, application: 'open', bound: 15_000 });
  if ('state' in client) throw new Error('it cannot connect');
  await client.ask('BEGIN');
  const open = 'the next tenant of its connection finds a transaction that is still open (idle in transaction)';
  expect(await leftOn(client, db.owner, [])).toEqual([open]);
  await client.ask('ROLLBACK');
  expect(await leftOn(client, db.owner, [])).toEqual([]);
  client.cut();
});

describe('cells', () => {
  test('under no fault are answered, done once, and done again where the act is not made to be repeated', async () => {
    const results = await cellsOf(sound, 'locking', 'noop', moments);
    expect(results).toEqual(
      moments.map((moment) =>
        expect.objectContaining({
          moment,
          verdict: 'held',
          told: { state: 'answered' },
          stored: 'once',
          retried: 'twice',
        }),
      ),
    );
  });

  test('a COMMIT whose reply is lost has happened, one that is lost itself has not', async () => {
    const lost = { verdict: 'held', told: { state: 'lost' } };
    const after = await cellOf(sound, 'note_once', 'limit_data:downstream', 'commit');
    expect(after).toMatchObject({ ...lost, stored: 'once', retried: 'once' });
    const before = await cellOf(sound, 'note_once', 'limit_data:upstream', 'commit');
    expect(before).toMatchObject({ ...lost, stored: 'absent', retried: 'once' });
  });

  test('a COMMIT that is cut while it is at work has happened', async () => {
    const cut = await cellOf(sound, 'locking', 'down', 'commit');
    expect(cut).toMatchObject({ verdict: 'held', told: { state: 'lost' }, stored: 'once', retried: 'twice' });
  });

  test('what cannot occur says why', async () => {
    const results = await cellsOf(planted, 'in_halves', 'down', ['between', 'commit']);
    expect(results).toEqual([
      expect.objectContaining({ because: expect.stringContaining('ends its transactions itself') }),
      expect.objectContaining({ because: expect.stringContaining('ends its transactions itself') }),
    ]);
    const early = await cellsOf(sound, 'locking', 'cancelled', ['connecting']);
    expect(early).toEqual([expect.objectContaining({ because: 'the client has no backend on the server yet' })]);
  });

  test('a clock that is off says why it changes nothing', async () => {
    const off = await cellsOf(sound, 'dated', 'clock-ahead', ['connecting', 'start-up', 'between', 'commit']);
    const told = 'the client reads its clock when it makes the call';
    expect(off).toEqual(off.map(() => expect.objectContaining({ because: told })));
    const none = await cellsOf(sound, 'locking', 'clock-behind', ['query']);
    expect(none).toEqual([expect.objectContaining({ because: 'the call takes no timestamp of the client' })]);
  });

  test('an act that does not work any more is unknown, and not broken', async () => {
    const [act] = sound.acts.filter(({ name }) => name.startsWith('public.locking('));
    if (!act) throw new Error('no act');
    const source = await lab.copy(act.source);
    await source.owner.script('DROP FUNCTION public.locking(text)');
    await source.rest();
    const cell = { act: act.name, system: sound.system, fault: 'noop', moment: 'between' as const };
    const [result] = await sweep({ ...sound, acts: [{ ...act, source }] }, [cell], { lab, switchboard, faults });
    const reasons = ['by now it does not work without a fault either: committed, it is refused (42883)'];
    expect(result).toMatchObject({ verdict: 'unknown', reasons });
  });

  test('an act that is not known is refused', async () => {
    const cells = [{ act: 'nobody', system: 'sound', fault: 'noop', moment: 'query' as const }];
    await expect(sweep(sound, cells, { lab, switchboard, faults })).rejects.toThrow(/nobody under noop is no cell/);
  });
});
