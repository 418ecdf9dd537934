/** One measured service level, and whether it met its target. */

export interface Measurement {
  readonly system: 'core' | 'memory' | 'messaging' | 'posts' | 'probe' | 'check' | 'mutate' | 'proxy' | 'door';
  readonly level: string;
  readonly measured: number;
  readonly unit: string;
  readonly target: Target;
  /** What was measured: sizes, callers, runs. */
  readonly under: string;
  /** Milliseconds of all calls, where the level is about one percentile of them. */
  readonly spread?: Spread;
}

export interface Spread {
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
  readonly calls: number;
  /** Those that answered as they had to. */
  readonly succeeded: number;
  /** How often each other answer came. */
  readonly others: Readonly<Record<string, number>>;
}

/** What a bench that takes long is given. */
export interface Bench {
  /** Tells the user how far it is. */
  readonly say: (line: string) => void;
  /** Puts a sentence into the report: what was left out, and why. */
  readonly note: (sentence: string) => void;
  readonly signal: AbortSignal;
  /** Whether sizes that take many gigabytes were asked for. */
  readonly large: boolean;
}

export interface Target {
  readonly relation: '<' | '≤' | '>' | '≥' | '=';
  readonly value: number;
}

/** Whether a measured value keeps to its target; a value that is not a number never does. */
export function met({ measured, target: { relation, value } }: Measurement): boolean {
  return compare[relation](measured, value);
}

const compare = {
  '<': (a, b) => a < b,
  '≤': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '≥': (a, b) => a >= b,
  '=': (a, b) => a === b,
} satisfies Record<Target['relation'], (measured: number, value: number) => boolean>;

/** The smallest of `times` that `share` of them (0 to 1] do not exceed; NaN when there are none. */
export function percentile(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}

/** The work's result and its milliseconds. */
export async function timed<Result>(
  work: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly elapsed: number }> {
  const started = performance.now();
  const result = await work();
  return { result, elapsed: performance.now() - started };
}

/** Lets `callers` take the numbers 0 to `calls` - 1 from one queue, each as soon as its last is done. */
export async function together<Caller>(
  callers: readonly Caller[],
  calls: number,
  work: (caller: Caller, call: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  await Promise.all(
    callers.map(async (caller) => {
      while (next < calls) {
        const call = next;
        next += 1;
        await work(caller, call);
      }
    }),
  );
}
