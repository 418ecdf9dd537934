/** One after the other: what is asked while something is under way waits its turn. */

export type Lock = <Result>(work: () => Promise<Result>) => Promise<Result>;

export function makeLock(): Lock {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => undefined);
    return turn;
  };
}
