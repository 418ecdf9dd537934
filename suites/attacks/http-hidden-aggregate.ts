/** Reads sums, and other numbers, that views make of rows which row security hides. */

import { select, update, where } from '../../fixtures/act/sql.ts';
import { quietly } from '../../fixtures/engine/own-rows.ts';
import { isGuarded } from '../../fixtures/engine/scene.ts';
import { requestProbe } from '../../fixtures/http/request-probe.ts';
import { readRequest } from '../../fixtures/http/requests.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayUseSchema } from '../../fixtures/model/privilege.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { WorldRow } from '../../fixtures/model/world.ts';
import { judgeView } from '../../fixtures/oracles/directory.ts';
import { concerns, isPublished, isReadable } from '../../fixtures/oracles/ownership.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';
import { judgeNumber, type Varied } from '../../fixtures/oracles/telling-numbers.ts';
import { worstOf } from '../../fixtures/oracles/trial.ts';

const INVOICES = `
CREATE TABLE public.invoices (
  id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  owner_id uuid NOT NULL REFERENCES auth.users (id) ON DELETE CASCADE,
  amount numeric NOT NULL
);
ALTER TABLE public.invoices ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON public.invoices TO authenticated USING (owner_id = auth.uid()) WITH CHECK (owner_id = auth.uid());`;

export const attack: Attack = {
  id: 'http-hidden-aggregate',
  group: 'front door',
  severity: 'medium',
  reachable: 'http',
  title: 'reads numbers that are made of rows of others',
  explains:
    'Aggregates of the API (`select=amount.sum()`) count only what row security shows, but a view reads with the rights of its owner: its sums and averages take in every row. Whether they do is seen by changing a number in a hidden row. A number beside the one person whose it is, is a finding; a sum over many is a question.',
  plants: [
    {
      platform: 'supabase',
      base: INVOICES,
      plant:
        'CREATE VIEW public.turnover AS SELECT owner_id, sum(amount) AS turnover FROM public.invoices GROUP BY owner_id; REVOKE ALL ON public.turnover FROM anon, authenticated; GRANT SELECT ON public.turnover TO authenticated;',
      repair: 'ALTER VIEW public.turnover SET (security_invoker = on);',
    },
    {
      platform: 'supabase',
      base: `${INVOICES}
        CREATE TABLE public.people (id uuid PRIMARY KEY REFERENCES auth.users (id), nickname text NOT NULL);
        ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
        CREATE POLICY "nicknames are for everybody" ON public.people FOR SELECT TO authenticated USING (true);`,
      plant:
        'CREATE VIEW public.biggest AS SELECT p.nickname, (SELECT max(i.amount) FROM public.invoices AS i WHERE i.owner_id = p.id) AS biggest FROM public.people AS p;',
      repair: 'ALTER VIEW public.biggest SET (security_invoker = on);',
    },
  ],
  *trials(scene) {
    for (const view of scene.catalog.relations.filter(({ kind, platform }) => kind === 'view' && !platform)) {
      for (const persona of scene.attackers) {
        const columns = columnsWith(scene.catalog, view, persona.role, 'SELECT');
        if (columns.length === 0 || !mayUseSchema(scene.catalog, view.schema, persona.role)) continue;
        const varied = tablesBehind(scene, view).flatMap((table) => hiddenNumbers(scene, table, persona));
        if (varied.length > 0) yield onTheWire(scene, view, columns, persona, varied);
        if (isBystander(persona)) yield* atTheDoor(scene, view, columns, persona, varied);
      }
    }
  },
};

/** Tables behind row security that the view, or a view in it, reads. */
function tablesBehind({ catalog }: Scene, view: Relation): readonly Relation[] {
  const found = new Set([view]);
  for (const { basedOn } of found)
    for (const one of catalog.relations.filter(({ name }) => basedOn.includes(name))) found.add(one);
  return [...found].filter(isGuarded);
}

interface Variation extends Varied {
  readonly given: readonly string[];
}

const MOST_COLUMNS = 4;

/** Columns with numbers that nothing else hangs on, each one larger by one in a row that the persona does not see. */
function hiddenNumbers(scene: Scene, table: Relation, persona: Persona): readonly Variation[] {
  const hidden = rowsOf(scene, table.name).find((row) => isHidden(scene, persona, row));
  if (!hidden) return [];
  const keys = new Set([...table.constraints, ...table.indexes].flatMap((one) => (isKey(one) ? one.columns : [])));
  return table.columns
    .filter(({ name, category, generated }) => category === 'N' && !generated && !keys.has(name))
    .flatMap(({ name: column }) => {
      const value = hidden.values[column];
      if (typeof value !== 'number') return [];
      const changed = update(table, { [column]: value + 1 }) + where(table, hidden.key);
      return [{ row: hidden, column, given: quietly(changed) }];
    })
    .slice(0, MOST_COLUMNS);
}

function isHidden(scene: Scene, persona: Persona, row: WorldRow): boolean {
  const [, ...others] = row.related;
  const somebodys = row.related.length > 0 && others.length === 0;
  return somebodys && !concerns(row, persona) && !isReadable(scene, persona, row) && !isPublished(scene, persona, row);
}

function isKey(one: Relation['constraints'][number] | Relation['indexes'][number]): boolean {
  return 'kind' in one ? ['primary', 'unique', 'foreign'].includes(one.kind) : one.unique;
}

/** Requests are committed: the other callers are shown by the wire. */
function isBystander({ name }: Persona): boolean {
  return ['stranger', 'anon'].includes(name);
}

function onTheWire(
  scene: Scene,
  view: Relation,
  columns: readonly string[],
  persona: Persona,
  varied: readonly Variation[],
): Trial {
  const sql = select(view, columns);
  const probes = [{ persona, sql }, { persona, sql }, ...varied.map(({ given }) => ({ persona, sql, given }))];
  return { ...trial(scene, view, persona, varied, probes), shape: 'watched' };
}

/** What the owner changed stays: each number has a trial of its own. */
function* atTheDoor(
  scene: Scene,
  view: Relation,
  columns: readonly string[],
  persona: Persona,
  varied: readonly Variation[],
): Iterable<Trial> {
  const request = scene.door && readRequest(scene.door, view, columns);
  if (!request) return;
  for (const one of varied) {
    const asked = requestProbe(persona, request);
    const probes = [asked, asked, { ...asked, given: [one.given.join('; ')] }];
    yield { ...trial(scene, view, persona, [one], probes), shape: 'http' };
  }
}

function trial(
  scene: Scene,
  view: Relation,
  persona: Persona,
  varied: readonly Variation[],
  probes: readonly Probe[],
): Omit<Trial, 'shape'> {
  const surface = { kind: 'relation', name: view.name, verb: 'select' } as const;
  return {
    surface,
    persona,
    probes,
    judge: ([base, again, ...others]) => {
      // A view that shows the rows themselves is what `read-foreign-row` finds.
      if (!base || !again || judgeView(scene, view, surface, base).state === 'broken') return { state: 'held' };
      return worstOf(
        others.flatMap((observation, at) => {
          const what = varied[at];
          const verdict = what ? judgeNumber(scene, view.name, [base, again], what, observation) : null;
          if (verdict === null) return [];
          return verdict.state === 'broken' ? { ...verdict, at: at + 2 } : verdict;
        }),
      );
    },
  };
}
