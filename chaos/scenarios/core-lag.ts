/** How far a standby is behind its primary, told by the servers' own clocks. */

import type { Pair } from './core-pair.ts';

export interface LagOfWrites {
  /** Milliseconds that so many of 100 writes stay below. */
  readonly p50: number;
  readonly p95: number;
  readonly says: string;
}

/** From the commit on the primary until the standby shows it, over many writes: both are stamped in the servers, on one machine. */
export async function lagOf(pair: Pair, count: number, write: () => Promise<void>): Promise<LagOfWrites> {
  const { db, atStandby } = pair;
  await db.owner.script(WAITING);
  await caughtUp(pair);
  const { rows } = await atStandby.query('SELECT pg_last_xact_replay_timestamp()::text AS shown');
  let last = rows[0]?.['shown'];
  const lags: number[] = [];
  while (lags.length < count) {
    const seen = atStandby.query('SELECT lag, shown::text FROM public.shown_after($1)', [last]);
    await write();
    const [row] = (await seen).rows;
    lags.push(Number(row?.['lag']));
    last = row?.['shown'];
  }
  lags.sort((a, b) => a - b);
  const at = (share: number) => lags[Math.ceil(lags.length * share) - 1] ?? Number.NaN;
  const said = [at(0.5), at(0.95), at(1)].map((lag) => `${lag.toFixed(1)} ms`);
  return {
    p50: at(0.5),
    p95: at(0.95),
    says: `p50 ${said[0]}, p95 ${said[1]}, longest ${said[2]} of ${lags.length} writes`,
  };
}

/** Waits in the standby for the next commit that it shows. */
const WAITING = `
  CREATE OR REPLACE FUNCTION public.shown_after(before timestamptz, OUT lag float8, OUT shown timestamptz)
  LANGUAGE plpgsql AS $$
  BEGIN
    WHILE clock_timestamp() < statement_timestamp() + interval '30 seconds' LOOP
      shown := pg_last_xact_replay_timestamp();
      IF shown > before THEN
        lag := extract(epoch FROM clock_timestamp() - shown) * 1000;
        RETURN;
      END IF;
      PERFORM pg_sleep(0.0005);
    END LOOP;
    RAISE 'the standby shows no further commit';
  END
  $$`;

/** Resolves when the standby shows all that the primary has written. */
export async function caughtUp({ db, atStandby }: Pair): Promise<void> {
  const { rows } = await db.owner.query('SELECT pg_current_wal_lsn()::text AS written');
  const shown = 'SELECT pg_last_wal_replay_lsn() >= $1::pg_lsn AS shown';
  while ((await atStandby.query(shown, [rows[0]?.['written']])).rows[0]?.['shown'] !== true);
}
