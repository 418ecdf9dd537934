/** Reads from the table what a view over it leaves out: the view says what was meant to be shown. */

import { select } from '../../fixtures/act/sql.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Column, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayUseSchema } from '../../fixtures/model/privilege.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Severity } from '../../fixtures/model/verdict.ts';
import { judgeTableRead } from '../../fixtures/oracles/reading.ts';

const PEOPLE = `
CREATE TABLE public.people (
  id uuid PRIMARY KEY REFERENCES auth.users (id),
  nick text NOT NULL,
  phone text NOT NULL
);
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "seen by all" ON public.people FOR SELECT USING (true);`;

export const attack: Attack = {
  id: 'view-base-still-granted',
  group: 'view',
  severity: 'medium',
  title: 'reads from the table what the view over it leaves out',
  explains:
    'A view that leaves columns out protects nothing while the table itself shows them to the same role: by a policy that shows every row and a grant, often one by default.',
  plants: [
    {
      platform: 'supabase',
      base: PEOPLE,
      plant: `CREATE VIEW public.people_public AS SELECT id, nick FROM public.people;
REVOKE ALL ON public.people_public FROM anon, authenticated; GRANT SELECT ON public.people_public TO anon, authenticated;`,
      repair: 'REVOKE ALL ON public.people FROM anon, authenticated;',
    },
  ],
  repair: ({ name }) =>
    `-- then grant SELECT on the columns that may be seen, or let the view read as its owner\nREVOKE SELECT ON ${name} FROM anon, authenticated;`,
  *trials(scene) {
    for (const view of scene.catalog.relations.filter(({ kind, platform }) => kind === 'view' && !platform)) {
      const table = maskedBy(scene, view);
      if (!table) continue;
      for (const persona of bystanders(scene.attackers)) {
        const hidden = hiddenFrom(scene, view, table, persona);
        const severity = worthOf(view, hidden);
        if (severity) yield trial(scene, view, table, hidden, persona, severity);
      }
    }
  },
};

/** Computes something of many rows, or puts tables together: not made to leave columns out. */
const COMPUTES =
  /\b(join|group by|distinct|union|having|over)\b|\b(count|sum|avg|min|max|string_agg|jsonb?_agg|array_agg)\(/i;

/** The one table of which the view is a part. */
function maskedBy({ catalog }: Scene, { basedOn, definition }: Relation): Relation | null {
  const [only, ...others] = basedOn;
  const table = catalog.relations.find(({ name }) => name === only);
  if (others.length > 0 || !table || COMPUTES.test(definition ?? '')) return null;
  return ['table', 'partitioned'].includes(table.kind) && !table.platform ? table : null;
}

/** Columns that the role reads in the table and that the view, which it reads, does not speak of. */
function hiddenFrom({ catalog }: Scene, view: Relation, table: Relation, { role }: Persona): readonly Column[] {
  const seen = columnsWith(catalog, view, role, 'SELECT').length > 0 && mayUseSchema(catalog, view.schema, role);
  const granted = seen && mayUseSchema(catalog, table.schema, role) ? columnsWith(catalog, table, role, 'SELECT') : [];
  return table.columns.filter(({ name }) => granted.includes(name) && !mentions(view.definition ?? '', name));
}

const MASK =
  /(^|_)(public|pub|safe|mask(ed)?|redacted|limited|anon(ymous)?|anonymi[sz]ed|sanitized|minimal|restricted)(_|$)/i;
const PRIVATE =
  /mail|phone|mobile|address|birth|(^|_)(dob|ssn|ip|iban|notes?|lat|lng|pin)(_|$)|tax|card|passw|secret|token|salary|income|medical|health|stripe|billing|payment|latitude|longitude/i;

/** Null: nothing says that the columns were meant to be left out, or they are of no weight. */
function worthOf({ relname, securityInvoker }: Relation, hidden: readonly Column[]): Severity | null {
  const texts = hidden.filter(({ category }) => category === 'S' || category === 'U');
  if (hidden.some(({ name }) => PRIVATE.test(name)) || (MASK.test(relname) && texts.length > 0)) return 'medium';
  // A view that reads as its caller needs the table’s grants: it was no wall to begin with.
  return texts.length > 0 && !securityInvoker ? 'low' : null;
}

function trial(
  scene: Scene,
  view: Relation,
  table: Relation,
  hidden: readonly Column[],
  persona: Persona,
  severity: Severity,
): Trial {
  const key = table.constraints.find(({ kind }) => kind === 'primary')?.columns ?? [];
  const names = [...new Set([...key, ...hidden.map(({ name }) => name)])];
  return {
    surface: { kind: 'relation', name: table.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: select(table, names) }],
    judge: ([observation]) => {
      // Rows that nobody published are reported as such; here it is about those that a policy shows to all.
      if (!observation || judgeTableRead(scene, table, observation).state !== 'question') return { state: 'held' };
      return {
        state: 'broken',
        severity,
        expected: `${persona.name} reads of ${table.name} what ${view.name} shows`,
        observed: `${persona.name} read ${hidden.map(({ name }) => name).join(', ')} of foreign rows of ${table.name}, which ${view.name} leaves out`,
        columns: hidden.map(({ name }) => `${table.name}.${name}`),
      };
    },
  };
}
