/** Everything that clients of a project can do and commit: RPCs as they were rehearsed, writes as their rightful owners make them. */

import { messageOf } from '../fixtures/act/act.ts';
import { emptyContract, readContract } from '../fixtures/contract/read.ts';
import { openBench, runTrial } from '../fixtures/engine/bench.ts';
import { probeOf } from '../fixtures/engine/calls.ts';
import { settingsRead, settingsSet } from '../fixtures/engine/custom-settings.ts';
import { keepersOf } from '../fixtures/engine/people.ts';
import { sceneOn } from '../fixtures/engine/scene-on.ts';
import type { Database, Lab } from '../fixtures/lab/lab.ts';
import type { Catalog } from '../fixtures/model/catalog.ts';
import type { Probe } from '../fixtures/model/probe.ts';
import type { Rehearsal, Scene } from '../fixtures/model/scene.ts';
import type { PopulatedSpec } from '../fixtures/mutate/stage.ts';
import { unique } from '../fixtures/oracles/ownership.ts';
import { type Faultless, learn } from './faultless.ts';
import type { Act, Actless } from './model.ts';
import { bringsKey, doesMore, withKey } from './promises.ts';
import { allOf } from './side-by-side.ts';
import { findWrite, guardedWrites, type Writing } from './writes.ts';

export interface KnownAct extends Act {
  readonly faultless: Faultless;
  /** It brings a key that promises once, and made again it does more all the same. */
  readonly promised: boolean;
  /** At rest, in the state in which the act works; cells are tried on copies. */
  readonly source: Database;
}

/** An act with a state of its own, made by calls and not by the engine. */
export interface ArrangedAct {
  readonly name: string;
  /** The bare name of the RPC, for which no other call is looked for. */
  readonly rpc: string;
  arrange(lab: Lab): Promise<{ readonly database: Database; readonly probe: Probe }>;
}

/** A project whose acts are known. */
export interface Acted {
  readonly system: string;
  readonly catalog: Catalog;
  readonly acts: readonly KnownAct[];
  readonly actless: readonly Actless[];
  /** Settings by which the project, or the platform, knows a caller: none may be left on a connection. */
  readonly settings: readonly string[];
}

interface Way extends Pick<Act, 'probe' | 'transaction'> {
  /** It brings a key by which it is known when it comes again. */
  readonly keyed: boolean;
  source(): Promise<Database>;
}

/** Something to be done, in one or more ways, of which the first that works when it is committed will be the act. */
interface Wanted {
  readonly name: string;
  readonly kind: Act['kind'];
  readonly ways: readonly Way[];
  /** Why there is none, where there is none. */
  readonly because: string;
}

/** Acts are learnt on so many clones at a time. */
const SIDE_BY_SIDE = 4;

/**
 * What is found stays on the lab's server until the lab is closed.
 * @throws CannotRun when the project does not migrate, or its `access.yaml` cannot be read
 */
export async function findActs(lab: Lab, spec: PopulatedSpec, arranged: readonly ArrangedAct[] = []): Promise<Acted> {
  const populated = await lab.clone(spec);
  await populated.rest();
  await using database = await lab.clone(spec);
  const { template, catalog } = database;
  const path = template.project.access;
  const contract = path === null ? emptyContract : await readContract(path);
  const bench = await openBench(lab, database, spec);
  const scene = await sceneOn(database, bench, contract, spec.to);
  const keepers = keepersOf(bench.world, scene.platform, template.clientRoles);
  const watch = async (probe: Probe) => {
    const [observation] = await runTrial(bench, { shape: 'watched', probes: [probe] });
    if (!observation) throw new RangeError('one probe gives one observation');
    return observation;
  };
  const way: Via = (probe, transaction, keyed = false) => ({
    ...{ probe, transaction, keyed },
    source: () => sourceFor(lab, populated, probe),
  });
  const wanted = [
    ...callsIn(scene, way).filter(({ name }) => !arranged.some(({ rpc }) => name.includes(`.${rpc}(`))),
    ...(await writesIn({ scene, callers: [...scene.attackers, ...keepers], watch }, way)),
  ];
  const system = template.project.name;
  const found = await allOf(wanted, SIDE_BY_SIDE, (one) => knownAct(lab, system, one));
  const made = await allOf(arranged, SIDE_BY_SIDE, (one) => arrangedAct(lab, system, one));
  const known = [...made, ...found];
  const acts = known.filter((one) => 'faultless' in one);
  return {
    system,
    catalog,
    acts,
    actless: known.filter((one) => 'because' in one),
    settings: settingsOf(scene, acts),
  };
}

async function sourceFor(lab: Lab, populated: Database, { given }: Probe): Promise<Database> {
  if (given === undefined) return populated;
  const source = await lab.copy(populated);
  await source.owner.script(messageOf(given));
  await source.rest();
  return source;
}

type Via = (probe: Probe, transaction: Act['transaction'], keyed?: boolean) => Way;

function callsIn({ calls }: Scene, way: Via): readonly Wanted[] {
  return [...calls].map(([name, rehearsal]): Wanted => {
    const because = rehearsal.state === 'unreached' ? rehearsal.reason : '';
    return { name, kind: 'rpc', ways: waysOf(rehearsal, way), because };
  });
}

/** A procedure that commits is refused within a transaction, where it was rehearsed. */
function waysOf(rehearsal: Rehearsal, way: Via): Wanted['ways'] {
  if (rehearsal.state === 'happy') {
    const calls = new Set([withKey(rehearsal.call), rehearsal.call]);
    return [...calls].map((call) => way(probeOf(call), 'block', bringsKey(call)));
  }
  const procedures = rehearsal.tried.filter(({ routine }) => routine.kind === 'procedure');
  return procedures.map((call) => way(probeOf(call), 'own', bringsKey(call)));
}

async function writesIn(writing: Writing, way: Via): Promise<readonly Wanted[]> {
  const wanted: Wanted[] = [];
  for (const { relation, verb } of guardedWrites(writing)) {
    const found = await findWrite(writing, { relation, verb });
    const of = { name: `${verb.toUpperCase()} ${relation.name}`, kind: 'write' as const };
    wanted.push(
      'probe' in found
        ? { ...of, ways: [way(found.probe, 'block')], because: '' }
        : { ...of, ways: [], because: found.because },
    );
  }
  return wanted;
}

async function knownAct(lab: Lab, system: string, { name, kind, ways, because }: Wanted): Promise<KnownAct | Actless> {
  let reason = because;
  for (const { source: made, keyed, ...way } of ways) {
    const source = await made();
    const learnt = await learn(lab, source, way);
    if ('because' in learnt) reason = reason === '' ? learnt.because : reason;
    else {
      const { repeats, ...faultless } = learnt;
      const promised = keyed && doesMore(faultless.effects);
      return { name, system, kind, ...way, repeats: promised ? 'once' : repeats, promised, faultless, source };
    }
  }
  return { name, system, kind, because: reason };
}

async function arrangedAct(lab: Lab, system: string, { name, arrange }: ArrangedAct): Promise<KnownAct | Actless> {
  const { database, probe } = await arrange(lab);
  await database.rest();
  const ways = [{ probe, transaction: 'block' as const, keyed: false, source: async () => database }];
  return await knownAct(lab, system, { name, kind: 'rpc', ways, because: '' });
}

function settingsOf(scene: Scene, acts: readonly Act[]): readonly string[] {
  return unique([
    ...settingsRead(scene),
    ...scene.catalog.routines.filter(({ platform }) => !platform).flatMap((routine) => settingsSet(scene, routine)),
    ...acts.flatMap(({ probe }) => probe.persona.settings.map(({ name }) => name)),
  ]).toSorted();
}
