/** Ends the backend of a call at a chosen moment of its work, on one of two copies of a scene. */

import { perform } from '../../../fixtures/act/act.ts';
import { createClone, dropDatabase, withMaintenance } from '../../../fixtures/lab/clone.ts';
import type { Probe } from '../../../fixtures/model/probe.ts';
import type { ServerAccess } from '../../../fixtures/model/server.ts';
import { ident } from '../../../fixtures/wire/escape.ts';
import { isDatabaseError, openSession, type Session } from '../../../fixtures/wire/session.ts';
import { type Reply, replyOf, type Scene } from './scene.ts';

/** How a backend ends; what comes back is the scene to go on with. */
export type Ending = (scene: Scene, victim: Session) => Promise<Scene>;

/** Two copies of a scene as it stands, the same ids in both. The scene's own connections are closed. */
export async function twinsOf(access: ServerAccess, scene: Scene): Promise<readonly [Scene, Scene]> {
  await Promise.all([scene.owner.close(), scene.caller.close()]);
  return [await copyOf(access, scene), await copyOf(access, scene)];
}

async function copyOf(access: ServerAccess, { db }: Scene): Promise<Scene> {
  const name = await createClone(access, db.name);
  // As on a server that is worth something: what is committed survives the crash of a backend.
  const durable = `ALTER DATABASE ${ident(name)} SET synchronous_commit = on`;
  await withMaintenance(access, (admin) => admin.query(durable));
  return await connected(access, { ...db, name });
}

async function connected(access: ServerAccess, db: Scene['db']): Promise<Scene> {
  const open = (as: 'admin' | 'login') => openSession(access, { database: db.name, as });
  const [owner, caller] = [await open('admin'), await open('login')];
  const dispose = async () => {
    await Promise.all([owner.close(), caller.close()]);
    await dropDatabase(access, db.name);
  };
  const own = { ...db, owner, connect: () => open('login'), connectAsOwner: () => open('admin') };
  return { db: { ...own, [Symbol.asyncDispose]: dispose }, owner, caller, [Symbol.asyncDispose]: dispose };
}

/** By the server, as an operator would end it. */
export const terminated: Ending = async (scene, victim) => {
  const { rows } = await scene.owner.query('SELECT pg_terminate_backend($1, 10000) AS ended', [victim.processId]);
  if (rows[0]?.['ended'] !== true) throw new Error('the backend did not end');
  return scene;
};

/** By SIGKILL: the server throws everybody out, recovers from its log, and lets them in again. */
export function killed(access: ServerAccess): Ending {
  return async (scene, victim) => {
    process.kill(victim.processId, 'SIGKILL');
    await thrownOut(scene.owner);
    for (;;) {
      const back = await connected(access, scene.db).catch(recovering);
      if (back) return back;
    }
  };
}

/** From here on the server lets nobody in before it has recovered. */
async function thrownOut(session: Session): Promise<void> {
  for (;;) {
    const lost = await session.query('SELECT 1').then(
      () => false,
      () => true,
    );
    if (lost) return;
  }
}

/** The server is up and lets nobody in yet. */
function recovering(error: unknown): null {
  if (isDatabaseError(error) && error.code === '57P03') return null;
  throw error;
}

/** Runs a call to its end: its reply, and at how many moments, one a row, it was about to write. */
export async function measured(
  scene: Scene,
  probe: Probe,
): Promise<{ readonly moments: number; readonly reply: Reply }> {
  await scene.owner.script(armed(0));
  const reply = replyOf(await perform(scene.caller, probe));
  const { rows } = await scene.owner.query('SELECT last_value::int AS count FROM public.moment');
  await scene.owner.script(DISARMED);
  return { moments: Number(rows[0]?.['count']), reply };
}

/**
 * Begins a call, ends its backend when it is about to write its `moment`th row, or before it commits when there are
 * fewer, and leaves the catalog as it was.
 */
export async function endedAt(scene: Scene, probe: Probe, moment: number, end: Ending): Promise<Scene> {
  await scene.owner.script(armed(moment));
  await using victim = await scene.db.connect();
  // The sleep at the end stands for a commit that never comes.
  const sent = perform(victim, {
    ...probe,
    sql: `SELECT pg_sleep(600) FROM (${probe.sql} OFFSET 0) AS call WHERE call.reply IS NOT NULL`,
  });
  const ended = sent.then(
    () => new Error('the call came to its end'),
    () => null,
  );
  await Promise.race([asleep(scene, victim), ended.then((error) => Promise.reject(error))]);
  const after = await end(scene, victim);
  const failure = await ended;
  if (failure) throw failure;
  await after.owner.script(DISARMED);
  return after;
}

/** In the middle of its work: it holds a lock to write, and does not go on. */
async function asleep(scene: Scene, victim: Session): Promise<void> {
  for (;;) {
    const { rows } = await scene.owner.query(
      `SELECT 1 FROM pg_stat_activity AS a JOIN pg_locks AS l ON l.pid = a.pid
       WHERE a.pid = $1 AND a.wait_event = 'PgSleep' AND l.granted AND l.mode = 'RowExclusiveLock'`,
      [victim.processId],
    );
    if (rows.length > 0) return;
  }
}

/** On every table of the core a trigger that comes last, counts, and sleeps at the chosen count. Zero: never. */
function armed(moment: number): string {
  return `
    CREATE SEQUENCE public.moment;
    CREATE FUNCTION public.pause() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
    BEGIN
      IF nextval('public.moment') = ${moment} THEN
        PERFORM pg_sleep(600);
      END IF;
      RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END
    $$;
    DO $$
    DECLARE
      v_table regclass;
    BEGIN
      FOR v_table IN
        SELECT oid FROM pg_class
        WHERE relkind IN ('r', 'p') AND NOT relispartition
        AND (relnamespace = 'core'::regnamespace OR relname ~ '^core_')
      LOOP
        EXECUTE format('CREATE TRIGGER zz_pause BEFORE INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION public.pause()', v_table);
      END LOOP;
    END
    $$`;
}

const DISARMED = 'DROP FUNCTION public.pause() CASCADE; DROP SEQUENCE public.moment';
