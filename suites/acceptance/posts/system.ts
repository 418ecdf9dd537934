/** The database behind the reference model: runs its commands, reads state and log back in its words, and replays the log. */

import type { Observation, Probe } from '../../../fixtures/model/probe.ts';
import { literal } from '../../../fixtures/wire/escape.ts';
import type { Association, Caller, Collective, Command, Entry, Outcome, Person, Post, Status } from './model.ts';
import { authorOf, keyOf, posts, start } from './model.ts';
import { as, collectives, outcomeOf, replyOf, run, type Scene, seatOf, users } from './scene.ts';
import { callOf, deleteOf, insertOf, type Pair, updateOf } from './statements.ts';

const personOf = new Map<string, Person>(Object.entries(users).map(([person, id]) => [id, person as Person]));
const collectiveOf = new Map<string, Collective>(
  Object.entries(collectives).map(([name, id]) => [id, name as Collective]),
);

/** Ids of one run's posts. */
export type Ids = { readonly [post in Post]: string };

/** Fresh posts, all seats as in the beginning, and no association; the log stays, and tells how the old ones went. */
export async function reset(scene: Scene): Promise<Ids> {
  const seats = Object.entries(start.seats).flatMap(([collective, of]) =>
    Object.entries(of).flatMap(([person, role]) =>
      role === null
        ? []
        : [`(${[collectives[collective as Collective], users[person as Person], role].map(literal).join(', ')})`],
    ),
  );
  await scene.owner.script(`
    DELETE FROM public.posts;
    DELETE FROM public.collective_members;
    INSERT INTO public.collective_members (collective_id, member_id, role) VALUES ${seats.join(', ')};
    UPDATE public.collectives SET requires_approval = slug = 'strict'`);
  const made = {} as Record<Post, string>;
  for (const post of posts) {
    const { rows } = await scene.owner.query(`${postOf(post)} RETURNING id`);
    made[post] = String(rows[0]?.['id']);
  }
  return made;
}

/** Runs one command: what it came to, and the entries that it left, in no particular order. */
export async function take(scene: Scene, ids: Ids, command: Command): Promise<readonly [Outcome, readonly Entry[]]> {
  const before = await logged(scene);
  const outcome = await done(scene, ids, command);
  return [outcome, await entriesSince(scene, ids, before)];
}

async function done(scene: Scene, ids: Ids, command: Command): Promise<Outcome> {
  if (command.do === 'seat') {
    const { person, role } = command;
    const collective = collectives[command.collective];
    const values = [collective, users[person], role ?? ''].map(literal).join(', ');
    const insert = `INSERT INTO public.collective_members (collective_id, member_id, role) VALUES (${values})`;
    await scene.owner.script(
      role === null ? seatOf(collective, person, null) : `${seatOf(collective, person, null)}; ${insert}`,
    );
    return 1;
  }
  const { persona, sql } = probeOf(ids, command);
  const observation = await run(scene, persona, sql);
  if (command.do === 'drop' && !observation.error) await again(scene, ids, command.post);
  return cameTo(command, observation);
}

/** What a command came to, in the model's words. */
export function cameTo(command: Command, observation: Observation): Outcome {
  if (observation.error) return observation.error.sqlstate;
  if (command.do === 'share') return (replyOf(observation) as { code: string }).code;
  return command.do === 'migrate' ? Number(replyOf(observation)) : outcomeOf(observation);
}

/** One command as its caller would send it. */
export function probeOf(ids: Ids, command: Exclude<Command, { do: 'seat' }>): Probe {
  return { persona: 'by' in command ? as[command.by satisfies Caller] : as.service, sql: sqlOf(ids, command) };
}

function sqlOf(ids: Ids, command: Exclude<Command, { do: 'seat' }>): string {
  switch (command.do) {
    case 'insert': {
      const { post, collective } = pairOf(ids, command);
      return insertOf({
        post_id: post,
        collective_id: collective,
        shared_by: users[command.as],
        status: command.status,
      });
    }
    case 'update': {
      const { set } = command;
      if ('status' in set) return updateOf(pairOf(ids, command), { status: set.status });
      return updateOf(
        pairOf(ids, command),
        'order' in set ? { display_order: set.order } : { metadata: { note: set.note } },
      );
    }
    case 'remove':
      return deleteOf(pairOf(ids, command));
    case 'share': {
      const into = command.into.map((name) => collectives[name]);
      return callOf('create_post_collective_associations', { p_post: ids[command.post], p_collectives: into });
    }
    case 'drop':
      return `DELETE FROM public.posts WHERE id = ${literal(ids[command.post])}`;
    case 'migrate':
      return callOf('migrate_legacy_post_collectives', {});
    case 'ask': {
      const id = literal(collectives[command.collective]);
      return `UPDATE public.collectives SET requires_approval = ${literal(command.approval)} WHERE id = ${id}`;
    }
  }
}

async function again(scene: Scene, ids: Ids, post: Post): Promise<void> {
  await scene.owner.script(`${postOf(post, ids[post])} ON CONFLICT (id) DO NOTHING`);
}

function postOf(post: Post, id?: string): string {
  const values = [
    id === undefined ? 'DEFAULT' : literal(id),
    literal(users[authorOf(post)]),
    literal(post),
    literal(post === 'public'),
    literal(post === 'legacy' ? collectives.open : null),
  ];
  return `INSERT INTO public.posts (id, author_id, title, is_public, collective_id) VALUES (${values.join(', ')})`;
}

function pairOf(ids: Ids, at: { readonly post: Post; readonly collective: Collective }): Pair {
  return { post: ids[at.post], collective: collectives[at.collective] };
}

/** The associations of one run in the model's words, in order. */
export async function read(scene: Scene, ids: Ids): Promise<readonly Association[]> {
  const { rows } = await scene.owner.query('SELECT * FROM public.post_collectives');
  const read = rows.map((row): Association => {
    const note = (row['metadata'] as { note?: string }).note ?? null;
    return {
      post: posts.find((post) => ids[post] === row['post_id']) as Post,
      collective: collectiveOf.get(String(row['collective_id'])) as Collective,
      sharer: personOf.get(String(row['shared_by'])) as Person,
      status: row['status'] as Status,
      order: Number(row['display_order']),
      note,
    };
  });
  return sorted(read);
}

export function sorted(associations: readonly Association[]): readonly Association[] {
  return associations.toSorted((a, b) => keyOf(a).localeCompare(keyOf(b)));
}

interface Logged {
  readonly post_id: string;
  readonly collective_id: string | null;
  readonly action: Entry['action'];
  readonly performed_by: string | null;
  readonly old_values: object | null;
  readonly new_values: object | null;
}

/** How many entries the log has. */
export async function logged(scene: Scene): Promise<number> {
  const { rows } = await scene.owner.query('SELECT count(*)::int AS count FROM public.post_collective_audit_log');
  return Number(rows[0]?.['count']);
}

/** What the log has said since it had `offset` entries, in the model's words. */
export async function entriesSince(scene: Scene, ids: Ids, offset: number): Promise<readonly Entry[]> {
  return (await entries(scene, offset)).map((entry) => entryIn(ids, entry));
}

/** Entries from `offset` on, the oldest first. */
async function entries(scene: Scene, offset: number): Promise<readonly Logged[]> {
  const { rows } = await scene.owner.query(
    'SELECT to_jsonb(l) AS entry FROM public.post_collective_audit_log AS l ORDER BY performed_at, id OFFSET $1',
    [offset],
  );
  return rows.map(({ entry }) => entry as Logged);
}

function entryIn(ids: Ids, { post_id, collective_id, action, performed_by }: Logged): Entry {
  const post = posts.find((name) => ids[name] === post_id);
  const collective = collective_id === null ? 'none' : collectiveOf.get(collective_id);
  return {
    action,
    by: performed_by === null ? null : (personOf.get(performed_by) as Person),
    at: `${post}/${collective}`,
  };
}

/** What the log from `offset` on says the table holds, by pair; each entry must follow from what the last one of its pair left. */
export async function replay(scene: Scene, offset = 0): Promise<ReadonlyMap<string, object>> {
  const table = new Map<string, object>();
  for (const { post_id, collective_id, action, old_values, new_values } of await entries(scene, offset)) {
    if (action === 'denied') continue;
    const key = `${post_id}/${collective_id}`;
    const before = JSON.stringify(table.get(key) ?? null);
    if (JSON.stringify(old_values) !== before) throw new Error(`${action} of ${key} does not follow from ${before}`);
    if (new_values === null) table.delete(key);
    else table.set(key, new_values);
  }
  return table;
}

/** What the table holds, every column, metadata by its digest. */
export async function stored(scene: Scene): Promise<ReadonlyMap<string, object>> {
  const { rows } = await scene.owner.query(`
    SELECT post_id || '/' || collective_id AS key,
      to_jsonb(t) - '{post_id,collective_id,metadata}'::text[] || jsonb_build_object(
        'metadata_digest', encode(sha256(convert_to(id::text || metadata::text, 'UTF8')), 'hex')) AS row
    FROM public.post_collectives AS t`);
  return new Map(rows.map(({ key, row }) => [String(key), row as object]));
}
