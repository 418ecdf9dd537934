/** One strike of a fault that a whole server feels, for several calls: each is brought to its moment, and all are struck at once. */

import type { Healing } from './faults/fault.ts';
import type { Field, ServerFault } from './faults/field.ts';

/** For one of the calls. */
export interface ShareOfStrike {
  /** Strikes when nobody else is on the way to its moment, and heals when nobody else is still being struck. */
  readonly fault: ServerFault;
  /** Says that the call has ended, however it did: nobody waits for it any more. What it was to heal is healed. */
  done(): Promise<void>;
}

/** @param calls how many are to be struck; each takes one share, and is done with it at last */
export function sharedStrike(fault: ServerFault, calls: number): () => ShareOfStrike {
  const gathered = gathering(calls);
  const through = gathering(calls);
  let strike: Promise<Healing> | null = null;
  let healing: Promise<void> | null = null;
  return () => {
    const arrive = gathered.place();
    const leave = through.place();
    let due: Healing | null = null;
    const apply = async (field: Field): Promise<Healing> => {
      await arrive();
      strike ??= fault.apply(field);
      const undo = await strike;
      due = async () => {
        due = null;
        await leave();
        healing ??= undo();
        await healing;
      };
      return due;
    };
    const done = async () => {
      void arrive();
      await due?.();
      void leave();
    };
    return { fault: { ...fault, apply }, done };
  };
}

/** Who takes a place waits until all have taken theirs; a place can be taken again, and counts once. */
function gathering(size: number): { place(): () => Promise<void> } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const here = new Set<symbol>();
  const place = () => {
    const mine = Symbol();
    return () => {
      here.add(mine);
      if (here.size === size) resolve();
      return promise;
    };
  };
  return { place };
}
