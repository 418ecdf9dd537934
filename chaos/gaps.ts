/** What a sweep left out: it must be nothing, so that no place of the matrix is empty without a reason. */

import type { CellResult, Impossible, Moment, Sweep } from './model.ts';

/** A pair of which no cell was tried though nobody says that none can occur. Null: any. */
export interface Gap {
  readonly act: string | null;
  readonly fault: string | null;
  readonly moment: Moment | null;
}

type Swept = Pick<Sweep, 'full' | 'moments' | 'faults'> & {
  readonly acts: readonly { readonly name: string }[];
  readonly cells: readonly Place[];
  readonly impossible: readonly Place[];
};

type Place = Pick<CellResult | Impossible, 'act' | 'fault' | 'moment'>;

/**
 * Pairs of act and fault, and of fault and moment; in full every cell. And acts of which nothing was tried at all, whatever
 * cannot occur: nothing is known of them.
 */
export function gapsOf({ acts, faults, moments, cells, impossible, full }: Swept): readonly Gap[] {
  const tried = new Set(cells.map(placeName));
  const never = new Set(impossible.map(placeName));
  const bare = acts
    .filter(({ name }) => !cells.some(({ act }) => act === name))
    .map(({ name }) => ({ act: name, fault: null, moment: null }));
  const open = acts.flatMap(({ name: act }) =>
    faults.flatMap(({ id: fault }) =>
      moments.map((moment) => ({ act, fault, moment })).filter((cell) => !never.has(placeName(cell))),
    ),
  );
  if (full) return [...bare, ...open.filter((cell) => !tried.has(placeName(cell)))];
  return [...bare, ...missing(open, cells, withoutMoment), ...missing(open, cells, withoutAct)];
}

/** `act × fault × moment`, of a gap what it names. */
export function placeName({ act, fault, moment }: Gap | Place): string {
  return [act ?? 'any act', fault ?? 'any fault', ...(moment === null ? [] : [moment])].join(' × ');
}

const withoutMoment = ({ act, fault }: Place): Gap => ({ act, fault, moment: null });
const withoutAct = ({ fault, moment }: Place): Gap => ({ act: null, fault, moment });

function missing(open: readonly Place[], cells: readonly Place[], pairOf: (place: Place) => Gap): readonly Gap[] {
  const met = new Set(cells.map((cell) => placeName(pairOf(cell))));
  const pairs = new Map(open.map((cell) => [placeName(pairOf(cell)), pairOf(cell)] as const));
  return [...pairs].flatMap(([name, pair]) => (met.has(name) ? [] : [pair]));
}

/** One cell for each gap that one can close, each once; `rank` chooses among several. */
export function cellsFor(
  gaps: readonly Gap[],
  swept: Pick<Swept, 'acts' | 'moments' | 'impossible'>,
  rank: (cell: Place) => string,
): readonly Place[] {
  const never = new Set(swept.impossible.map(placeName));
  const chosen = new Map<string, Place>();
  for (const { act, fault, moment } of gaps) {
    if (fault === null) continue;
    const acts = act === null ? swept.acts.map(({ name }) => name) : [act];
    const possible = acts
      .flatMap((one) => (moment === null ? swept.moments : [moment]).map((at) => ({ act: one, fault, moment: at })))
      .filter((cell) => !never.has(placeName(cell)))
      .toSorted((one, other) => (rank(one) < rank(other) ? -1 : 1));
    const known = possible.some((cell) => chosen.has(placeName(cell)));
    const [first] = possible;
    if (!known && first !== undefined) chosen.set(placeName(first), first);
  }
  return [...chosen.values()];
}
