/** The rules of memory chunks as a pure function: what a tenant's statement comes to, and what it leaves. */

import fc from 'fast-check';

export const tenants = ['A', 'B', 'C'] as const;
export type Tenant = (typeof tenants)[number];
/** `nobody`: the request names no tenant. */
export type Caller = Tenant | 'nobody';

export type Command = { readonly by: Caller } & (
  | {
      readonly do: 'insert';
      readonly id: number;
      readonly of: Tenant;
      readonly text: string;
      readonly isExpired: boolean;
    }
  | { readonly do: 'write'; readonly id: number; readonly text: string }
  | { readonly do: 'give'; readonly id: number; readonly to: Tenant }
  | { readonly do: 'remove'; readonly id: number }
  | { readonly do: 'purge' }
  | { readonly do: 'list' }
);

export interface Chunk {
  readonly id: number;
  readonly of: Tenant;
  readonly text: string;
  readonly isExpired: boolean;
}
export type State = readonly Chunk[];
/** A number of rows, what was read, or an SQLSTATE. */
export type Outcome = number | string;

export function step(state: State, command: Command): readonly [Outcome, State] {
  const own = (one: Chunk) => one.of === command.by;
  switch (command.do) {
    case 'insert': {
      const { by, do: _, ...chunk } = command;
      if (by !== command.of) return ['42501', state];
      // The key spans tenants: that an id is taken is all that is told.
      return state.some(({ id }) => id === chunk.id) ? ['23505', state] : [1, [...state, chunk]];
    }
    case 'write':
      return changed(state, command, { text: command.text });
    case 'give':
      if (command.to !== command.by && state.some((one) => own(one) && one.id === command.id)) return ['42501', state];
      return changed(state, command, {});
    case 'remove':
      return without(state, (one) => own(one) && one.id === command.id);
    case 'purge':
      return without(state, (one) => own(one) && one.isExpired);
    case 'list':
      return [told(state.filter(own)), state];
  }
}

/** Rows as a list tells them. */
function told(chunks: State): string {
  const sorted = chunks.toSorted((a, b) => a.id - b.id);
  return JSON.stringify(sorted.map(({ id, text }) => [id, text]));
}

function changed(
  state: State,
  { by, id }: { readonly by: Caller; readonly id: number },
  change: Partial<Chunk>,
): readonly [Outcome, State] {
  const isMeant = (one: Chunk) => one.of === by && one.id === id;
  return [state.filter(isMeant).length, state.map((one) => (isMeant(one) ? { ...one, ...change } : one))];
}

function without(state: State, isMeant: (one: Chunk) => boolean): readonly [Outcome, State] {
  const left = state.filter((one) => !isMeant(one));
  return [state.length - left.length, left];
}

const by = fc.constantFrom<Caller[]>('A', 'A', 'A', 'B', 'B', 'C', 'nobody');
const id = fc.integer({ min: 1, max: 6 });
const text = fc.constantFrom('hello', 'well', '');

export const command: fc.Arbitrary<Command> = by.chain((caller) => {
  const self = caller === 'nobody' ? 'A' : caller;
  const one = { by: fc.constant(caller), id };
  const of = fc.oneof(
    { weight: 6, arbitrary: fc.constant(self) },
    { weight: 1, arbitrary: fc.constantFrom(...tenants) },
  );
  return fc.oneof<fc.WeightedArbitrary<Command>[]>(
    { weight: 6, arbitrary: fc.record({ do: fc.constant('insert'), ...one, of, text, isExpired: fc.boolean() }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('write'), ...one, text }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('give'), ...one, to: of }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('remove'), ...one }) },
    { weight: 2, arbitrary: fc.constant({ do: 'purge', by: caller }) },
    { weight: 2, arbitrary: fc.constant({ do: 'list', by: caller }) },
  );
});
