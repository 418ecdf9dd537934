/** Searches, orders and reads by columns that are made of columns which the role may not read. */

import { select } from '../../fixtures/act/sql.ts';
import { isOwnTable } from '../../fixtures/engine/scene.ts';
import { type RequestSaid, requestProbe } from '../../fixtures/http/request-probe.ts';
import { readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { type Derivation, judgeDerived } from '../../fixtures/oracles/derived.ts';
import { judgeEach } from '../../fixtures/oracles/trial.ts';
import { ident } from '../../fixtures/wire/escape.ts';

const PEOPLE = `
CREATE TABLE public.people (
  id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE,
  nickname text NOT NULL,
  diagnosis text NOT NULL
);
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "nicknames are for everybody" ON public.people FOR SELECT TO authenticated USING (true);`;

const ONLY = (columns: string) =>
  `REVOKE ALL ON public.people FROM anon, authenticated; GRANT SELECT (${columns}) ON public.people TO authenticated;`;

const SEARCH = (text: string) =>
  `ALTER TABLE public.people ADD COLUMN search tsvector GENERATED ALWAYS AS (to_tsvector('simple', ${text})) STORED;`;

export const attack: Attack = {
  id: 'http-hidden-column',
  group: 'front door',
  severity: 'high',
  reachable: 'http',
  title: 'searches columns that it may not read',
  explains:
    'PostgreSQL refuses to filter or order by a column without SELECT on it, over HTTP as in SQL. A generated column holds what it is made of and has a grant of its own: a full-text column that takes in a hidden one finds its words, and shows them.',
  plants: [
    {
      platform: 'supabase',
      base: PEOPLE,
      plant: SEARCH("nickname || ' ' || diagnosis") + ONLY('id, nickname, search'),
      repair: `ALTER TABLE public.people DROP COLUMN search; ${SEARCH('nickname')} GRANT SELECT (search) ON public.people TO authenticated;`,
    },
    {
      platform: 'supabase',
      base: PEOPLE,
      plant: `ALTER TABLE public.people ADD COLUMN label text GENERATED ALWAYS AS (lower(nickname || ': ' || diagnosis)) STORED;
        ${ONLY('id, nickname, label')}`,
      repair: 'REVOKE SELECT (label) ON public.people FROM authenticated;',
    },
  ],
  repair: ({ name }) =>
    `-- generate the column from columns that callers may read, or take it from them:\nREVOKE SELECT (…) ON ${name} FROM anon, authenticated;`,
  *trials(scene) {
    for (const relation of scene.catalog.relations.filter(isOwnTable)) {
      for (const persona of scene.attackers) {
        const columns = derivation(scene, relation, persona);
        if (columns) yield* trials(scene, relation, persona, columns);
      }
    }
  },
};

/** Generated columns with a grant, beside columns without; null: there is not both. */
function derivation({ catalog }: Scene, relation: Relation, { role }: Persona): Derivation | null {
  const { columns } = relation;
  const granted = columnsWith(catalog, relation, role, 'SELECT');
  const hidden = columns.map(({ name }) => name).filter((name) => !granted.includes(name));
  const derived = columns.filter(({ name, generated }) => generated && granted.includes(name)).map(({ name }) => name);
  return derived.length > 0 && hidden.length > 0 ? { derived, hidden } : null;
}

function* trials(scene: Scene, relation: Relation, persona: Persona, columns: Derivation): Iterable<Trial> {
  const key = relation.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  const shown = [...new Set([...key, ...columns.derived])];
  const common = {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    judge: (observations) =>
      judgeEach(observations, (observation) => judgeDerived(scene, relation, columns, observation)),
  } as const satisfies Partial<Trial>;
  const read = select(relation, shown);
  const ordered = columns.derived.map(
    (column) => `${read} WHERE ${ident(column)} IS NOT NULL ORDER BY ${ident(column)}`,
  );
  yield { ...common, shape: 'rolled back', probes: [read, ...ordered].map((sql) => ({ persona, sql })) };
  const request = scene.door && readRequest(scene.door, relation, shown);
  if (!request) return;
  const requests: readonly RequestSaid[] = [
    request,
    ...columns.derived
      .map(encodeURIComponent)
      .map((column) => ({ ...request, path: `${request.path}&${column}=not.is.null&order=${column}` })),
  ];
  yield { ...common, shape: 'http', probes: requests.map((one) => requestProbe(persona, one)) };
}
