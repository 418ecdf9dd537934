/** The platform core beside its reference model, for random schedules. */

import fc from 'fast-check';
import type { Judged, Modelled } from '../../chaos/schedule.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import { type Called, isHappening } from '../acceptance/core/model-commands.ts';
import { operational, reads, social } from '../acceptance/core/model-draw.ts';
import { type Names, namesOf } from '../acceptance/core/model-names.ts';
import { openings } from '../acceptance/core/model-openings.ts';
import { type Drawn, resolved } from '../acceptance/core/model-resolve.ts';
import { type Rows, rowsOf } from '../acceptance/core/model-rows.ts';
import { partedReplies, rawReply, type Step } from '../acceptance/core/model-run.ts';
import { codeOf, difference, words } from '../acceptance/core/model-script.ts';
import type { Stage } from '../acceptance/core/model-stage.ts';
import { type Reply, type State, start } from '../acceptance/core/model-state.ts';
import { operators, probeOf, told } from '../acceptance/core/model-system.ts';
import { missing } from '../acceptance/core/scene.ts';

export interface World {
  readonly state: State;
  readonly names: Names;
}

/** A group of three people who have said something, and a public channel. */
const opening: readonly Drawn[] = [...(openings[0] ?? []), ...(openings[1] ?? []).slice(0, 1)];

/** Sweeps pass over what is held at that moment, so that they come to what no order of whole calls comes to. */
const sweeps: ReadonlySet<string> = new Set(['expire', 'archive', 'purgeRates']);
/** What was done before is done again by who lost the answer, not by the draw. */
const repeats: ReadonlySet<string> = new Set(['again', 'ask']);

export const coreCommands: fc.Arbitrary<Drawn> = fc
  .oneof({ weight: 7, arbitrary: social }, { weight: 2, arbitrary: operational }, { weight: 2, arbitrary: reads })
  .filter((drawn) => !sweeps.has(drawn.do) && !repeats.has(drawn.do));

export function coreModelled(stage: Stage, step: Step): Modelled<World, Drawn, Called> {
  const after = ({ state, names }: World, command: Called, heard: Observation | null): Judged<World> => {
    const [expected, next] = step(state, command);
    const known = names.copy();
    if ('key' in command) known.key(command.key);
    if (heard === null) return { world: { state: next, names: known }, differs: [] };
    known.learn(expected, rawReply(heard));
    return { world: { state: next, names: known }, differs: partedReplies(expected, told(heard, known)) };
  };
  return {
    gates: ['public.core_scopes'],
    begin: async () => {
      await stage.reset();
      let world: World = { state: start, names: namesOf(operators) };
      for (const [at, drawn] of opening.entries()) {
        const command = commandOf(world, drawn, at);
        if (command !== null) world = after(world, command, await stage.send(probeOf(command, world.names))).world;
      }
      return world;
    },
    meant: (world, drawn, turn) => {
      const command = commandOf(world, drawn, opening.length + turn);
      return command && hidden(world.names, command);
    },
    probeOf: ({ names }, command) => probeOf(command, names),
    after,
    read: stage.read,
    found: ({ state, names }, rows) => {
      const known = learned(state, names, rows);
      return { world: { state, names: known }, differs: difference(rowsOf(state), known.named(rows) as Rows) };
    },
    digest: ({ state }) => digestOf(state),
    words,
    says: ({ error, rows }) =>
      codeOf(error ? { sqlstate: error.sqlstate } : (JSON.parse(rows[0]?.[0] ?? 'null') as Reply)),
  };
}

function commandOf({ state }: World, drawn: Drawn, keys: number): Called | null {
  const command = resolved({ state, keyed: [], keys }, drawn);
  return command === null || isHappening(command) ? null : command;
}

/** What a lost answer has made has no id yet by which it could be named. */
function hidden(names: Names, command: Called): Called {
  const isUnknown = (name: string) => names.id(name) === missing;
  if ('scope' in command && command.scope !== null && isUnknown(command.scope)) return { ...command, scope: 'noScope' };
  if ('invite' in command && isUnknown(command.invite)) return { ...command, invite: 'noInvite' };
  if (command.do !== 'dialogs') return command;
  return { ...command, scopes: command.scopes.filter((scope) => !isUnknown(scope)) };
}

/** Outcomes are stored with the ids that were answered. */
function learned({ outcomes }: State, names: Names, rows: string): Names {
  const known = names.copy();
  const stored = (JSON.parse(rows) as { readonly core_outcomes: readonly Reply[] }).core_outcomes;
  for (const row of stored) {
    const key = known.named(JSON.stringify(row['event_idempotency_key']));
    const outcome = outcomes.find((one) => one.key === key && one.command === row['command_type']);
    if (outcome) known.learn(outcome.reply, row['outcome'] as Reply);
  }
  return known;
}

/** Which mode an act was about is in no row. */
function digestOf(state: State): string {
  const tables = Object.entries(rowsOf(state)).map(([table, rows]) => [
    table,
    rows.map((row) => JSON.stringify(row)).toSorted(),
  ]);
  return JSON.stringify([tables, state.actions.map(({ scope, mode }) => [scope, mode])]);
}
