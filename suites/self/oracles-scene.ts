/** A hand-made scene for the oracles: teams with members, notes in teams, and a shared table of labels. */

import { anon, signedIn } from '../../fixtures/act/personas.ts';
import type { Catalog, Column, Constraint, Relation } from '../../fixtures/model/catalog.ts';
import type { RelationName, UserId } from '../../fixtures/model/ids.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation, RowChange, ServerMessage } from '../../fixtures/model/probe.ts';
import { rowId, type Scene } from '../../fixtures/model/scene.ts';
import type { Json, WorldRow } from '../../fixtures/model/world.ts';

type Values = { readonly [column: string]: Json };

const user = (letter: string): UserId => `${letter.repeat(8)}-0000-4000-8000-000000000000` as UserId;
export const A = user('a');
export const B = user('b');
const [A_PARTNER, B_PARTNER, STRANGER] = [user('c'), user('d'), user('e')];
export const TEAM_A = '10000000-0000-4000-8000-000000000000';
export const TEAM_B = '20000000-0000-4000-8000-000000000000';

export const ownerA = signedIn(A, 'owner-a', 'a');
export const ownerB = signedIn(B, 'owner-b', 'b');
export const nobody = anon();

const column = (name: string, category: string, text: string | null = null): Column => ({
  name,
  position: 1,
  type: category === 'N' ? 'integer' : category === 'U' ? 'uuid' : 'text',
  baseType: category === 'N' ? 'int4' : category === 'U' ? 'uuid' : 'text',
  storedAs: 'text',
  labels: null,
  category,
  notNull: true,
  default: text,
  identity: '',
  generated: false,
  domainChecks: [],
});

const constraint = (kind: 'primary' | 'unique', columns: readonly string[]): Constraint => ({
  name: `${kind} ${columns.join(' ')}`,
  kind,
  columns,
  definition: '',
  references: null,
  deferrable: false,
});

const pointer = (name: string, from: string, relation: string): Constraint => ({
  name,
  kind: 'foreign',
  columns: [from],
  definition: '',
  references: { relation: relation as RelationName, columns: ['id'], onDelete: 'NO ACTION', onUpdate: 'NO ACTION' },
  deferrable: false,
});

const table = (relname: string, columns: readonly Column[], constraints: readonly Constraint[]): Relation => ({
  oid: 1,
  name: `public.${relname}` as RelationName,
  schema: 'public',
  relname,
  kind: 'table',
  owner: 'postgres',
  rowSecurity: true,
  forced: false,
  columns,
  constraints,
  indexes: [],
  policies: [],
  grants: [],
  definition: null,
  securityInvoker: false,
  securityBarrier: false,
  checkOption: null,
  basedOn: [],
  partitionOf: null,
  partitionBound: null,
  partitionKey: null,
  platform: false,
});

const TABLES: readonly Relation[] = [
  table('teams', [column('id', 'U'), column('name', 'S')], [constraint('primary', ['id'])]),
  table(
    'members',
    [column('team_id', 'U'), column('user_id', 'U')],
    [constraint('primary', ['team_id', 'user_id']), pointer('members_team', 'team_id', 'public.teams')],
  ),
  table(
    'notes',
    [column('id', 'N'), column('team_id', 'U'), column('about', 'U'), column('body', 'S'), column('views', 'N')],
    [constraint('primary', ['id']), pointer('notes_team', 'team_id', 'public.teams')],
  ),
  table('posts', [column('id', 'N'), column('author_id', 'U'), column('body', 'S')], [constraint('primary', ['id'])]),
  table('labels', [column('id', 'N'), column('name', 'S')], [constraint('primary', ['id'])]),
];

const row = (
  relation: string,
  circle: 'a' | 'b' | null,
  values: Values,
  related: readonly UserId[],
  key: readonly string[] = ['id'],
): WorldRow => ({
  relation: relation as RelationName,
  circle,
  variant: circle === null ? 'shared' : 'lead',
  values,
  key: Object.fromEntries(key.map((name) => [name, values[name] ?? null])),
  related,
  canaries: Object.values(values).filter((value) => typeof value === 'string' && value.startsWith('cnry')) as string[],
});

export const ROWS = {
  teamA: row('public.teams', 'a', { id: TEAM_A, name: 'cnry_team_ghjkmnp' }, [A]),
  teamB: row('public.teams', 'b', { id: TEAM_B, name: 'cnry_team_pnmkjhg' }, [B]),
  memberA: row('public.members', 'a', { team_id: TEAM_A, user_id: A }, [A], ['team_id', 'user_id']),
  memberB: row('public.members', 'b', { team_id: TEAM_B, user_id: B }, [B], ['team_id', 'user_id']),
  noteA: row('public.notes', 'a', { id: 1, team_id: TEAM_A, about: A, body: 'cnry_note_qrstvwx', views: 0 }, [A]),
  noteB: row('public.notes', 'b', { id: 2, team_id: TEAM_B, about: B, body: 'cnry_note_xwvtsrq', views: 0 }, [B]),
  postA: row('public.posts', 'a', { id: 1, author_id: A, body: 'cnry_post_zzyyxxw' }, [A]),
  postB: row('public.posts', 'b', { id: 2, author_id: B, body: 'cnry_post_wxxyyzz' }, [B]),
  label: row('public.labels', null, { id: 1, name: 'cnry_label_hhjjkkm' }, []),
} as const;

const marks: Readonly<Record<string, WorldRow>> = {
  ghjkmnp: ROWS.teamA,
  pnmkjhg: ROWS.teamB,
  qrstvwx: ROWS.noteA,
  xwvtsrq: ROWS.noteB,
  zzyyxxw: ROWS.postA,
  wxxyyzz: ROWS.postB,
  hhjjkkm: ROWS.label,
};

const CATALOG: Catalog = {
  relations: TABLES,
  routines: [],
  triggers: [],
  sequences: [],
  roles: [],
  enums: [],
  defaultPrivileges: [],
  schemas: [],
};

/** `readable`: rows that every signed-in persona reads; `published`: rows that a policy shows to everybody. */
export function sceneOf(
  more: { readonly readable?: readonly WorldRow[]; readonly published?: readonly WorldRow[] } & Partial<
    Omit<Scene, 'readable' | 'published'>
  > = {},
): Scene {
  const { readable = [], published = [], ...rest } = more;
  const ids = (rows: readonly WorldRow[]) => new Set(rows.map(({ relation, key }) => rowId(relation, key)));
  return {
    platform: 'supabase',
    catalog: CATALOG,
    world: {
      seed: 1,
      circles: { a: { name: 'a', lead: A, partner: A_PARTNER }, b: { name: 'b', lead: B, partner: B_PARTNER } },
      stranger: STRANGER,
      identity: new Map([
        ['public.members' as RelationName, [{ column: 'user_id', why: 'foreign key' }]],
        ['public.notes' as RelationName, [{ column: 'about', why: 'foreign key' }]],
        ['public.posts' as RelationName, [{ column: 'author_id', why: 'foreign key' }]],
      ]),
      tenantSetting: null,
      tenantClaim: null,
      claims: [],
      unheldClaims: [],
      rows: Object.values(ROWS),
      unpopulated: [],
      notes: [],
    },
    contract: { version: 1, flows: [], examples: [], waivers: [] },
    attackers: [ownerA, ownerB, nobody],
    keepers: [],
    canaries: new Map(Object.entries(marks).map(([mark, one]) => [mark, [one]])),
    keys: new Map([
      [TEAM_A, ROWS.teamA],
      [TEAM_B, ROWS.teamB],
    ]),
    readable: new Map([
      ['owner-a', ids(readable)],
      ['owner-b', ids(readable)],
    ]),
    published: new Map(published.map((one) => [one.relation as string, new Map([['authenticated', ids(published)]])])),
    calls: new Map(),
    source: [],
    exposedSchemas: null,
    callerSettings: [],
    ...rest,
  };
}

/** One observation; `error` is a SQLSTATE. */
export function seen(
  persona: Persona,
  more: Partial<Omit<Observation, 'error' | 'probe'>> & {
    readonly error?: string;
    readonly message?: string;
    readonly constraint?: string;
    readonly sql?: string;
    readonly looker?: Persona;
  } = {},
): Observation {
  const { error, message = '', constraint: name = null, sql = 'SELECT 1', looker, ...rest } = more;
  const then = looker ? { persona: looker, sql: 'SELECT 1' } : null;
  const told: ServerMessage | null =
    error === undefined
      ? null
      : {
          severity: 'ERROR',
          sqlstate: error,
          message,
          detail: null,
          hint: null,
          where: null,
          internalQuery: null,
          schema: null,
          table: null,
          column: null,
          dataType: null,
          constraint: name,
        };
  return {
    probe: { persona, sql, ...(then ? { then } : {}) },
    columns: [],
    rows: [],
    count: null,
    command: null,
    error: told,
    notices: [],
    notifications: [],
    elapsed: 1,
    changes: [],
    aftermath: null,
    ...rest,
  };
}

export function changed(relation: string, before: Values | null, after: Values | null): RowChange {
  return { relation, before, after };
}
