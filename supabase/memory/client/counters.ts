/** What operations watch: sealed blobs that did not open, and statements that row-level security refused. */

export type CounterName = 'memory_aad_mismatch_total' | 'memory_rls_policy_errors_total';

export interface Counters {
  count(name: CounterName): void;
  /** How often each thing happened since `openCounters`. */
  read(): Readonly<Record<CounterName, number>>;
}

/** Counters that start at zero. */
export function openCounters(): Counters {
  const totals: Record<CounterName, number> = { memory_aad_mismatch_total: 0, memory_rls_policy_errors_total: 0 };
  return {
    count(name) {
      totals[name] += 1;
    },
    read: () => ({ ...totals }),
  };
}
