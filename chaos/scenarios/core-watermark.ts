/** The watermark of a group's projections, as whoever looks at it all the time sees it. */

import type { Database } from '../../fixtures/lab/lab.ts';
import type { Session } from '../../fixtures/wire/session.ts';

/** In words. */
export async function marksOf(owner: Session): Promise<string> {
  const { rows } = await owner.query(MARKS);
  return `version ${String(rows[0]?.['version'])} at ${String(rows[0]?.['mark'])}`;
}

const MARKS = `SELECT version, least(dialogs_watermark_seq, unread_watermark_seq)::int AS mark FROM public.core_projection_watermarks`;

interface Mark {
  readonly version: number;
  readonly seq: number;
}

/** @returns each different mark that was seen while `work` went on, in order */
export async function watchedDuring(db: Database, work: () => Promise<void>): Promise<readonly Mark[]> {
  await using eye = await db.connectAsOwner();
  const seen: Mark[] = [];
  let ended = false;
  const look = async () => {
    while (!ended) {
      const { rows } = await eye.query(MARKS);
      const now = { version: Number(rows[0]?.['version']), seq: Number(rows[0]?.['mark']) };
      if (now.version !== seen.at(-1)?.version || now.seq !== seen.at(-1)?.seq) seen.push(now);
    }
  };
  const looking = look();
  try {
    await work();
  } finally {
    ended = true;
    await looking;
  }
  return seen;
}

/** In words, how one mark falls behind the one before; empty where it does not. */
export function fallOf(before: Mark | undefined, now: Mark): readonly string[] {
  if (before === undefined || now.version > before.version) return [];
  const falls = now.version < before.version || now.seq < before.seq;
  return falls ? [`version ${before.version} at ${before.seq} became version ${now.version} at ${now.seq}`] : [];
}
