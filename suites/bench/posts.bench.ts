/** The service levels of posts in several collectives under sixteen callers at once, each with fifty collectives, above a long log. */

import { fileURLToPath } from 'node:url';
import { perform } from '../../fixtures/act/act.ts';
import { signedIn } from '../../fixtures/act/personas.ts';
import type { Lab } from '../../fixtures/lab/lab.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import { literal } from '../../fixtures/wire/escape.ts';
import type { Session } from '../../fixtures/wire/session.ts';
import { callOf } from '../acceptance/posts/statements.ts';
import { vacuumAll } from '../vacuumed.ts';
import { type Bench, type Measurement, percentile, type Spread, type Target, together } from './measurement.ts';

export interface PostsLoad {
  readonly callers: number;
  /** Of each kind. */
  readonly calls: number;
  /** In which each caller may post. */
  readonly collectives: number;
  /** Into which each call shares a post. */
  readonly perPost: number;
  /** Entries of the log. */
  readonly entries: number;
}

export const fullLoad: PostsLoad = { callers: 16, calls: 1600, collectives: 50, perPost: 10, entries: 100_000 };
export const quickLoad: PostsLoad = { ...fullLoad, calls: 320, entries: 20_000 };

const project = fileURLToPath(new URL('../../supabase/posts', import.meta.url));

/** Calls before those that are measured, of each caller: plans are cached and pages read. */
const WARM_UP = 8;
const LIMIT = 50;

interface Kind {
  readonly level: string;
  readonly target: Target;
  /** The call number `nth` of a caller. */
  readonly sql: (at: number, nth: number) => string;
  readonly succeeded: (observation: Observation) => boolean;
}

/** Measures on a clone of its own. */
export async function measurePosts(lab: Lab, load: PostsLoad, { say, signal }: Bench): Promise<readonly Measurement[]> {
  await using database = await lab.clone({ project });
  const { owner } = database;
  await owner.script(population(load));
  await vacuumAll(owner);
  const sessions = await Promise.all(Array.from({ length: load.callers }, () => database.connect()));
  const levels: Measurement[] = [];
  for (const kind of kindsOf(load)) {
    signal.throwIfAborted();
    const spread = await measure(sessions, load, kind);
    levels.push(levelOf(kind, spread));
    say(`${kind.level}: ${spread.calls} calls, p99 ${spread.p99.toFixed(1)} ms`);
  }
  const calls = levels.reduce((sum, { spread }) => sum + (spread?.calls ?? 0), 0);
  const succeeded = levels.reduce((sum, { spread }) => sum + (spread?.succeeded ?? 0), 0);
  const under = `${calls} calls of ${levels.length} kinds by ${load.callers} callers at once, ${load.entries} entries`;
  const rate = { system: 'posts', unit: '%', under } as const;
  return [
    ...levels,
    { ...rate, level: 'success', measured: (100 * succeeded) / calls, target: { relation: '>', value: 99 } },
    { ...rate, level: 'errors', measured: (100 * (calls - succeeded)) / calls, target: { relation: '<', value: 1 } },
  ];
}

function kindsOf(load: PostsLoad): readonly Kind[] {
  const { collectives, perPost, callers } = load;
  const mine = (at: number) => Array.from({ length: collectives }, (_, n) => idOf('b', at * collectives + n));
  const validate = (at: number) => callOf('validate_collective_permissions', { p_collectives: mine(at) });
  const share = (at: number, nth: number) => {
    const from = (nth * perPost) % collectives;
    const into = [...mine(at), ...mine(at)].slice(from, from + perPost);
    const settings = { metadata: { note: 'From the bench' } };
    return callOf('create_post_collective_associations', {
      p_post: idOf('c', nth * callers + at),
      p_collectives: into,
      p_settings: settings,
    });
  };
  const read = (at: number, nth: number) =>
    callOf('get_post_audit_log', { p_post: idOf('d', at + callers * (nth % logged(load))), p_limit: LIMIT });
  const postable = (at: number) => callOf('get_user_postable_collectives', { p_user: userOf(at) });
  const rows = (count: number) => (one: Observation) => one.error === null && one.rows.length === count;
  return [
    {
      level: 'validate permissions',
      target: { relation: '<', value: 500 },
      sql: validate,
      succeeded: rows(collectives),
    },
    {
      level: 'postable collectives',
      target: { relation: '<', value: 500 },
      sql: postable,
      succeeded: rows(collectives),
    },
    {
      level: 'share into collectives',
      target: { relation: '<', value: 1000 },
      sql: share,
      succeeded: ({ rows: [row] }) => row?.[0]?.includes(`"created": ${perPost}`) ?? false,
    },
    { level: 'read the log', target: { relation: '<', value: 300 }, sql: read, succeeded: rows(LIMIT) },
  ];
}

async function measure(sessions: readonly Session[], load: PostsLoad, kind: Kind): Promise<Spread> {
  const times: number[] = [];
  const others: Record<string, number> = {};
  const callers = sessions.map((session, at) => ({ session, at, nth: 0 }));
  await together(callers, load.calls + WARM_UP * load.callers, async (caller) => {
    const sql = kind.sql(caller.at, caller.nth);
    caller.nth += 1;
    const observation = await perform(caller.session, { persona: signedIn(userOf(caller.at)), sql });
    if (caller.nth <= WARM_UP) return;
    times.push(observation.elapsed);
    if (kind.succeeded(observation)) return;
    const answer = observation.error?.sqlstate ?? 'another answer';
    others[answer] = (others[answer] ?? 0) + 1;
  });
  const failed = Object.values(others).reduce((sum, count) => sum + count, 0);
  const at = (share: number) => percentile(times, share);
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), calls: times.length, succeeded: times.length - failed, others };
}

function levelOf({ level, target }: Kind, spread: Spread): Measurement {
  const { p50, p95, p99, calls, succeeded, others } = spread;
  const refused = Object.entries(others).map(([code, count]) => `${code} ${count}`);
  const under = `p50 ${p50.toFixed(1)}, p95 ${p95.toFixed(1)}; ${[`${succeeded} of ${calls} answered`, ...refused].join(', ')}`;
  return { system: 'posts', level: `${level}, p99`, measured: p99, unit: 'ms', target, under, spread };
}

/** Posts of each caller about which the log says fifty things and more. */
function logged({ entries, callers }: PostsLoad): number {
  return Math.max(1, Math.floor(entries / (callers * LIMIT)));
}

/** `b` collectives, `c` posts to share, `d` posts with a history; of caller `at` those whose number is `at` modulo the callers. */
function idOf(kind: 'b' | 'c' | 'd', n: number): string {
  return `${kind.repeat(8)}-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

function userOf(n: number): string {
  return `aaaaaaaa-0000-4000-8000-${n.toString(16).padStart(12, '0')}`;
}

/** Every caller with collectives of their own, half of which ask for approval, posts to share and posts with a history. */
function population(load: PostsLoad): string {
  const { callers, calls, collectives, entries } = load;
  const id = (kind: string, n: string) =>
    `(${literal(`${kind.repeat(8)}-0000-4000-8000-`)} || lpad(to_hex(${n}), 12, '0'))::uuid`;
  const shares = calls + (WARM_UP + 1) * callers;
  const histories = logged(load) * callers;
  return `
    INSERT INTO auth.users (id, email) SELECT ${id('a', 'n')}, n || '@example.test' FROM generate_series(0, ${callers}) AS n;
    INSERT INTO public.users (id) SELECT ${id('a', 'n')} FROM generate_series(0, ${callers}) AS n;
    INSERT INTO public.collectives (id, name, slug, owner_id, requires_approval)
    SELECT ${id('b', 'n')}, 'Collective ' || n, 'collective-' || n, ${literal(userOf(callers))}, n % 2 = 0
    FROM generate_series(0, ${callers * collectives - 1}) AS n;
    INSERT INTO public.collective_members (collective_id, member_id, role)
    SELECT ${id('b', 'n')}, ${id('a', `n / ${collectives}`)}, (ARRAY['author', 'editor', 'admin'])[1 + n % 3]
    FROM generate_series(0, ${callers * collectives - 1}) AS n;
    INSERT INTO public.posts (id, author_id, title)
    SELECT ${id('c', 'n')}, ${id('a', `n % ${callers}`)}, 'To share ' || n FROM generate_series(0, ${shares * 2}) AS n;
    INSERT INTO public.posts (id, author_id, title)
    SELECT ${id('d', 'n')}, ${id('a', `n % ${callers}`)}, 'Shared ' || n FROM generate_series(0, ${histories - 1}) AS n;
    INSERT INTO public.post_collective_audit_log (post_id, collective_id, action, performed_by, performed_at, old_values, new_values)
    SELECT ${id('d', `n % ${histories}`)}, ${id('b', `n % ${callers * collectives}`)}, 'updated', ${id('a', `n % ${callers}`)},
      now() - n * interval '1 second', '{"status": "published"}', '{"status": "published"}'
    FROM generate_series(0, ${entries - 1}) AS n;`;
}
