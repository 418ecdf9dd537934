/** Sharing posts beside its reference model, for random schedules: associations, and every entry of the log. */

import { isDeepStrictEqual } from 'node:util';
import type fc from 'fast-check';
import type { Judged, Modelled } from '../../chaos/schedule.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import {
  type Association,
  type Command,
  type Entry,
  keyOf,
  type State,
  type Step,
  start,
} from '../acceptance/posts/model.ts';
import { command } from '../acceptance/posts/model-draw.ts';
import { outcomeOf, type Scene } from '../acceptance/posts/scene.ts';
import {
  cameTo,
  entriesSince,
  type Ids,
  logged,
  probeOf,
  read,
  replay,
  reset,
  stored,
} from '../acceptance/posts/system.ts';
import { apart } from './apart.ts';

export interface World {
  readonly state: State;
  readonly entries: readonly Entry[];
}
/** Without what nobody does by a call of their own, and what takes two. */
export type Call = Exclude<Command, { do: 'seat' | 'drop' }>;
interface Rows {
  readonly associations: readonly Association[];
  readonly entries: readonly Entry[];
}

export const postsCommands: fc.Arbitrary<Call> = command.filter(
  (drawn): drawn is Call => drawn.do !== 'seat' && drawn.do !== 'drop',
);

export function postsModelled(
  scene: Scene,
  step: (state: State, command: Command) => Step,
): Modelled<World, Call, Call> {
  let ids = {} as Ids;
  let before = 0;
  const after = ({ state, entries }: World, taken: Call, heard: Observation | null): Judged<World> => {
    const [outcome, next, more] = step(state, taken);
    const world = { state: next, entries: [...entries, ...more] };
    const found = heard === null ? outcome : cameTo(taken, heard);
    return { world, differs: found === outcome ? [] : [`expected ${outcome}`, `got      ${found}`] };
  };
  return {
    gates: ['public.post_collectives'],
    begin: async () => {
      ids = await reset(scene);
      before = await logged(scene);
      return { state: start, entries: [] };
    },
    meant: (_, drawn) => drawn,
    probeOf: (_, taken) => probeOf(ids, taken),
    after,
    read: async () => {
      const rows: Rows = { associations: await read(scene, ids), entries: await entriesSince(scene, ids, before) };
      return JSON.stringify(rows);
    },
    found: (world, text) => {
      const rows = JSON.parse(text) as Rows;
      const differs = [
        ...apart('associations', world.state.associations, rows.associations),
        ...apart('log', world.entries, rows.entries),
      ];
      return { world, differs };
    },
    digest: ({ state, entries }) =>
      JSON.stringify([
        state.associations.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b))),
        [state.approval, state.known.toSorted()],
        entries.map((entry) => JSON.stringify(entry)).toSorted(),
      ]),
    words: ({ do: verb, ...said }) =>
      [verb, ...Object.entries(said).map(([name, of]) => `${name}=${JSON.stringify(of)}`)].join(' '),
    says: (heard) => String(heard.error?.sqlstate ?? heard.rows[0]?.[0] ?? outcomeOf(heard)),
    atLast: () => replayed(scene, before),
  };
}

/** In what the log of this run, replayed, differs from the table. */
async function replayed(scene: Scene, before: number): Promise<readonly string[]> {
  const table = await stored(scene);
  return await replay(scene, before).then(
    (log) => (isDeepStrictEqual(log, table) ? [] : ['the log, replayed, is not what the table holds']),
    (error: unknown) => [`the log cannot be replayed: ${String(error)}`],
  );
}
