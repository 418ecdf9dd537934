/** Names for ids: what the model calls `s1` the database calls by a uuid that nobody foretells. */

import { createHash } from 'node:crypto';
import type { Key, Reply } from './model-state.ts';
import { missing, users } from './scene.ts';

export interface Names {
  /** The uuid behind a name; that of no row where there is none yet. */
  readonly id: (name: string) => string;
  /** A key's text; two letter cases are two names. */
  readonly key: (key: Key | null) => string | null;
  /** JSON of the database in the model's names, without what the model does not know. */
  readonly named: (json: string) => unknown;
  /** Learns the ids of what a reply has made: the model foretells its name. */
  readonly learn: (expected: Reply, json: Reply) => void;
  /** The same names, to be tried out. */
  readonly copy: () => Names;
}

const uuid = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b|\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g;
/** What the clock says, and what is kept for other readers. */
const dropped: ReadonlySet<string> = new Set([
  ...['server_time', 'created_at', 'updated_at', 'expires_at', 'edited_at', 'deleted_at', 'archived_at', 'decided_at'],
  ...['joined_at', 'removed_at', 'last_event_at', 'client_ts', 'started_at'],
  ...['trace_id', 'device_id', 'details', 'state_hash'],
]);

/** @param known uuids by name, besides the people's. */
export function namesOf(known: Readonly<Record<string, string>>): Names {
  return bound(new Map(Object.entries({ ...users, ...known })), new Map());
}

function bound(ids: Map<string, string>, keys: Map<string, Key>): Names {
  const id = (name: string) => ids.get(name) ?? missing;
  const named = (json: string) => {
    const back = new Map([...[...ids].map(([name, of]) => [of, name] as const), ...keys]);
    return plain(JSON.parse(json.replace(uuid, (found) => back.get(found) ?? found)));
  };
  const key = (name: Key | null) => {
    if (name === null || name === 'bad') return name;
    const text = keyText(name.toLowerCase());
    keys.set(text, name.toLowerCase());
    return name.startsWith('k') ? text : otherCase(text);
  };
  const learn = (expected: Reply, found: Reply) => {
    for (const field of ['scope_id', 'invite_id'] as const) {
      const name = expected[field];
      const of = found[field];
      if (typeof name === 'string' && typeof of === 'string' && !ids.has(name) && isUuid(of)) ids.set(name, of);
    }
  };
  return { id, key, named, learn, copy: () => bound(new Map(ids), new Map(keys)) };
}

const isUuid = (text: string) => text.length === 36;

/** Every other key is a ULID; both hold letters, so that a case can be another. */
function keyText(name: string): string {
  const digest = createHash('sha256').update(name).digest('hex');
  if (Number(name.slice(1)) % 2 === 1) return `01K${digest.slice(0, 22).toUpperCase()}Z`;
  return `a${digest.slice(1, 8)}-${digest.slice(8, 12)}-4${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

function otherCase(text: string): string {
  return text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase();
}

function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !dropped.has(name));
  return Object.fromEntries(kept.map(([name, of]) => [name, name === 'skew_hint' ? side(of) : plain(of)]));
}

/** How far a clock is off is told by another clock: which way must do. */
function side(skew: unknown): unknown {
  if (Math.abs(Number(skew)) <= 300_000) return skew;
  return Number(skew) > 0 ? 'ahead' : 'behind';
}
