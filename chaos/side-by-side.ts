/** Does many things, a few of them at a time. */

/**
 * @param most how many are under way at once
 * @returns what came of each, in their order
 * @throws what the first that fails throws; no other is begun then, and those under way have ended
 */
export async function allOf<T, R>(
  things: readonly T[],
  most: number,
  work: (thing: T) => Promise<R>,
): Promise<readonly R[]> {
  const done = new Map<number, R>();
  const waiting = [...things.entries()];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) done.set(next[0], await work(next[1]));
  };
  const workers = Array.from({ length: most }, () =>
    worker().catch((error: unknown) => {
      waiting.length = 0;
      throw error;
    }),
  );
  const ended = await Promise.allSettled(workers);
  const failed = ended.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
  return [...done].toSorted(([one], [other]) => one - other).map(([, result]) => result);
}
