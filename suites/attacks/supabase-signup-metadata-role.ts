/** Signs up with metadata that asks for a role, and looks at the rows that the project's triggers make of it. */

import { changeMetadata, type Form, plainForm, type SignUp, signUp, signUps } from '../../fixtures/engine/sign-ups.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Relation } from '../../fixtures/model/catalog.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import { mentions } from '../../fixtures/model/text.ts';
import type { Severity, Verdict } from '../../fixtures/model/verdict.ts';
import type { Json } from '../../fixtures/model/world.ts';
import { rowsOf } from '../../fixtures/oracles/parents.ts';

const PEOPLE = `
CREATE TABLE public.people (id uuid PRIMARY KEY REFERENCES auth.users (id) ON DELETE CASCADE, nick text, access text NOT NULL DEFAULT 'member', is_admin boolean NOT NULL DEFAULT false);
ALTER TABLE public.people ENABLE ROW LEVEL SECURITY;
CREATE POLICY "own" ON public.people FOR SELECT TO authenticated USING (id = auth.uid() OR access = 'owner');`;

const WELCOME = (flag: string) => `
CREATE OR REPLACE FUNCTION public.welcome() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = '' AS $$
DECLARE meta jsonb := new.raw_user_meta_data;
BEGIN
  INSERT INTO public.people (id, nick, is_admin) VALUES (new.id, meta ->> 'nick', ${flag});
  RETURN new;
END $$;`;
const TRIGGER = 'CREATE TRIGGER on_sign_up AFTER INSERT ON auth.users FOR EACH ROW EXECUTE FUNCTION public.welcome();';

export const attack: Attack = {
  id: 'supabase-signup-metadata-role',
  group: 'platform',
  severity: 'critical',
  title: 'gives themselves a role by the metadata of the sign-up',
  explains:
    'What a newcomer writes into raw_user_meta_data is theirs to choose. Every key that a trigger on auth.users reads is set to privileged values, one at a time; a row with that value in a column that decides about rights is the hole.',
  plants: [
    {
      platform: 'supabase',
      base: PEOPLE + WELCOME('false') + TRIGGER,
      plant: WELCOME("coalesce((meta ->> 'admin')::boolean, false)"),
      repair: WELCOME("coalesce((new.raw_app_meta_data ->> 'admin')::boolean, false)"),
    },
  ],
  *trials(scene) {
    for (const found of signUps(scene)) {
      if (found.trigger.events.includes('insert')) yield* trialOf(scene, found, 'signup', signUp);
      if (found.trigger.events.includes('update')) yield* trialOf(scene, found, 'update', changeMetadata);
    }
  },
};

type Asked = { readonly key: string; readonly value: Json };

function* trialOf(
  scene: Scene,
  found: SignUp,
  verb: string,
  formOf: (scene: Scene, metadata: { [key: string]: Json }) => readonly Form[],
): Iterable<Trial> {
  const plain = plainForm(scene);
  const harmless = found.keys.filter((key) => !(key in plain) && !DECIDES.test(key) && !PLACE.test(key));
  const filled = { ...plain, ...Object.fromEntries(harmless.map((key) => [key, 'newcomer'])) };
  const asked = found.keys.flatMap((key) => valuesFor(scene, found, key).map((value): Asked => ({ key, value })));
  if (asked.length === 0) return;
  const bases = harmless.length === 0 ? [plain] : [plain, filled];
  const honest = bases.flatMap((base) => formOf(scene, base));
  const wishes = asked.flatMap((wish) =>
    bases.flatMap((base) => formOf(scene, { ...base, [wish.key]: wish.value }).map((form) => ({ wish, form }))),
  );
  const [first] = honest;
  if (!first) return;
  yield {
    surface: { kind: 'routine', name: found.routine.name, verb },
    persona: first.persona,
    shape: 'watched',
    probes: [...honest, ...wishes.map(({ form }) => form)],
    judge: (observations) => judge(scene, honest.length, wishes, observations),
  };
}

/** Names of columns that decide what somebody may do. */
const DECIDES =
  /(^|_)(roles?|admin|admins|staff|superuser|super_?admin|moderator|permissions?|privileges?|access|access_level|user_type|account_type|user_level|usertype|userrole|is_owner)(_|$)|^is_?admin$/i;
/** Names of keys that say where somebody belongs. */
const PLACE = /(^|_)(org|organi[sz]ation|tenant|company|team|workspace|agency|clinic|school|household|family)(_?id)?$/i;
const PERSONAL = /name|avatar|mail|phone|picture|photo|url|bio|locale|lang|zone|birth|gender|address|city|country/i;
const POWERFUL = /admin|owner|super|staff|moderator|manager|root/i;
const MOST_VALUES = 6;

function valuesFor(scene: Scene, { text }: SignUp, key: string): readonly Json[] {
  if (PERSONAL.test(key) && !DECIDES.test(key)) return [];
  const touched = scene.catalog.relations.filter(({ platform, relname }) => !platform && mentions(text, relname));
  if (PLACE.test(key)) return placesOf(scene, touched);
  const said = touched.flatMap(({ columns, constraints, policies }) => [
    ...columns.flatMap(({ labels }) => labels ?? []),
    ...[...constraints.map(({ definition }) => definition), ...policies.map(({ using }) => using ?? '')].flatMap(
      literalsIn,
    ),
  ]);
  const powerful = [...said, ...literalsIn(text)].filter((value) => POWERFUL.test(value) && value !== key);
  return [...new Set([...powerful.slice(0, MOST_VALUES - 2), 'admin', 'true'])];
}

function literalsIn(text: string): readonly string[] {
  return [...text.matchAll(/'(\w+)'/g)].map(([, value]) => value ?? '');
}

/** Somebody else's organisation: whatever the rows made refer to, but for people. */
function placesOf(scene: Scene, touched: readonly Relation[]): readonly Json[] {
  const keys = touched.flatMap(({ constraints }) =>
    constraints.flatMap(({ references }) => references?.relation ?? []),
  );
  const places = [...new Set(keys)]
    .filter((relation) => (scene.world.identity.get(relation) ?? []).length === 0)
    .flatMap((relation) =>
      rowsOf(scene, relation)
        .filter(({ circle }) => circle === 'b')
        .slice(0, 1),
    )
    .flatMap((row) => Object.values(row.key));
  return [...new Set(places)].slice(0, 2);
}

function judge(
  scene: Scene,
  honest: number,
  wishes: readonly { readonly wish: Asked }[],
  observations: readonly Observation[],
): Verdict {
  const usual = new Set(observations.slice(0, honest).flatMap((one) => grantsIn(scene, one).map(nameOf)));
  for (const [at, observation] of observations.entries()) {
    const wish = wishes[at - honest]?.wish;
    if (at < honest || !wish || observation.error) continue;
    const given = grantsIn(scene, observation).filter((one) => holdsWish(scene, one, wish) && !usual.has(nameOf(one)));
    const [first] = given;
    if (!first) continue;
    const severity: Severity = PLACE.test(wish.key) ? 'high' : 'critical';
    return {
      state: 'broken',
      expected: 'a newcomer gets the rights that every newcomer gets, whatever the form says',
      observed: `metadata that says ${JSON.stringify({ [wish.key]: wish.value })} made ${first.relation}.${first.column} = ${JSON.stringify(first.value)}`,
      columns: given.map(({ relation, column }) => `${relation}.${column}`),
      at,
      severity,
    };
  }
  if (observations.some(({ error }) => error === null)) return { state: 'held' };
  const states = [...new Set(observations.map(({ error }) => error?.sqlstate))].sort().join(', ');
  return { state: 'unknown', reason: `every sign-up was refused (SQLSTATE ${states}), so no row was made` };
}

interface Given {
  readonly relation: string;
  readonly column: string;
  readonly value: Json;
}

/** Values in columns that decide about rights, in rows that the triggers made. */
function grantsIn(scene: Scene, { changes }: Observation): readonly Given[] {
  return (changes ?? []).flatMap(({ relation, before, after }) =>
    Object.entries(after ?? {})
      .filter(([column, value]) => JSON.stringify(before?.[column]) !== JSON.stringify(value))
      .filter(([column]) => decides(scene, relation, column))
      .map(([column, value]) => ({ relation, column, value })),
  );
}

function decides({ catalog }: Scene, relation: string, column: string): boolean {
  if (relation === 'auth.users') return column === 'raw_app_meta_data';
  if (DECIDES.test(column)) return true;
  const found = catalog.relations.find(({ name }) => name === relation);
  return (found?.constraints ?? []).some(({ references, columns }) => references !== null && columns.includes(column));
}

/** The value itself, somewhere in an array or object, or the row of that name which a key refers to. */
function holdsWish(scene: Scene, { relation, column, value }: Given, { value: wanted }: Asked): boolean {
  if (wanted === 'true') return value === true;
  if (value === wanted) return true;
  if (typeof value === 'object' && value !== null) return JSON.stringify(value).includes(JSON.stringify(wanted));
  const constraints = scene.catalog.relations.find(({ name }) => name === relation)?.constraints ?? [];
  const key = constraints.find(({ references, columns }) => references && columns.includes(column));
  return rowsOf(scene, key?.references?.relation ?? '').some(
    (row) => Object.values(row.key).includes(value) && Object.values(row.values).includes(wanted),
  );
}

function nameOf({ relation, column, value }: Given): string {
  return JSON.stringify([relation, column, value]);
}
