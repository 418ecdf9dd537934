/** Reads, with the public key, tables of owned rows whose policy forgot to say for whom it is. */

import { isOwnTable, selectFor } from '../../fixtures/engine/scene.ts';
import { approves } from '../../fixtures/model/approval.ts';
import type { Attack, Trial } from '../../fixtures/model/attack.ts';
import type { Policy, Relation } from '../../fixtures/model/catalog.ts';
import type { Persona } from '../../fixtures/model/persona.ts';
import type { Observation } from '../../fixtures/model/probe.ts';
import type { Scene } from '../../fixtures/model/scene.ts';
import type { Verdict } from '../../fixtures/model/verdict.ts';
import { rowsShown } from '../../fixtures/oracles/reading.ts';
import { NOTES } from '../plants.ts';

export const attack: Attack = {
  id: 'read-policy-without-to',
  group: 'table read',
  severity: 'medium',
  title: 'reads rows without signing in',
  explains:
    'A policy without TO is for PUBLIC, so USING (true) shows every row to the public key. Where the policy’s name, a column or the kind of table says that the rows are public, it is left as a question.',
  plants: [
    {
      platform: 'supabase',
      base: NOTES,
      plant: 'CREATE POLICY "colleagues read notes" ON public.notes FOR SELECT USING (true);',
      repair: 'ALTER POLICY "colleagues read notes" ON public.notes TO authenticated;',
    },
    {
      platform: 'supabase',
      base: NOTES,
      plant: 'CREATE POLICY notes_select ON public.notes FOR SELECT USING (true);',
      repair: 'ALTER POLICY notes_select ON public.notes RENAME TO "anyone can read notes";',
    },
  ],
  *trials(scene) {
    if (scene.platform !== 'supabase') return;
    const anon = scene.attackers.find(({ role }) => role === 'anon');
    if (!anon) return;
    for (const relation of scene.catalog.relations.filter((one) => isOwnTable(one) && one.rowSecurity)) {
      const forgotten = relation.policies.find((policy) => isForAll(policy) && !isMeant(policy, relation));
      if (forgotten && isSomebodys(scene, relation)) yield trial(scene, relation, anon, forgotten);
    }
  },
};

function isForAll({ permissive, command, roles, using }: Policy): boolean {
  return permissive && ['select', 'all'].includes(command) && roles.includes('public') && using === 'true';
}

function isSomebodys({ world }: Scene, { name }: Relation): boolean {
  return (world.identity.get(name) ?? []).length > 0;
}

/** Names by which people say that they mean everybody. */
const DECLARED =
  /public|every(one|body)|any(one|body| user)|\ball\b|_all\b|\ball_|\bopen\b|viewable|visible|readable|anon|guest|visitor|world|global|unauthenticated|without (login|auth)|browse|discover/i;

/** Names that say the contrary. */
const NARROWED =
  /authenticat|signed.?in|logged.?in|member|colleague|own(er|s)?\b|\bown_|_own\b|admin|staff|team|private|internal|participant|friend|follower|tenant|\borg|company/i;

/** What people show each other by nature. */
const SHOWN =
  /(^|_)(posts?|articles?|blogs?|pages?|products?|listings?|categor(y|ies)|tags?|reviews?|ratings?|comments?|repl(y|ies)|likes?|votes?|reactions?|follow(s|ers?|ing)|events?|recipes?|songs?|tracks?|albums?|videos?|photos?|images?|courses?|lessons?|quiz(zes)?|games?|scores?|leaderboards?|stores?|shops?|restaurants?|menus?|templates?|polls?|questions?|answers?|topics?|threads?|forums?|communit(y|ies)|announcements?|news|badges?|achievements?|stats?|statistics|profiles?|channels?|streams?|projects?|portfolios?|services?|jobs?|showcases?|collections?|favou?rites?|bookmarks?|hashtags?|stories|books?|authors?|feedback)$/i;

function isMeant({ name }: Policy, relation: Relation): boolean {
  if (DECLARED.test(name)) return true;
  if (NARROWED.test(name)) return false;
  return SHOWN.test(relation.relname) || hasVisibility(relation);
}

function hasVisibility({ columns }: Relation): boolean {
  return columns.some(({ name }) =>
    /^(is_|allow_)?(public|published|visible|shared)(_at)?$|^visibility$|^slug$/i.test(name),
  );
}

function trial(scene: Scene, relation: Relation, persona: Persona, policy: Policy): Trial {
  return {
    surface: { kind: 'relation', name: relation.name, verb: 'select' },
    persona,
    shape: 'rolled back',
    probes: [{ persona, sql: selectFor(scene.catalog, relation, persona) }],
    judge: ([observation]) => judge(scene, relation, persona, policy, observation),
  };
}

function judge(
  scene: Scene,
  relation: Relation,
  persona: Persona,
  policy: Policy,
  observation: Observation | undefined,
): Verdict {
  if (!observation || observation.error) return { state: 'held' };
  const shown = rowsShown(scene, relation, observation).filter(
    ({ column }) => !approves(scene.contract, { relation: relation.name, persona, verb: 'select', column }),
  );
  const rows = new Set(shown.map(({ row }) => row)).size;
  if (rows === 0) return { state: 'held' };
  return {
    state: 'broken',
    expected: `who has not signed in sees no row of ${relation.name}, unless somebody says that they are public`,
    observed: `${persona.name} saw ${rows} rows of other people: policy "${policy.name}" has no TO, so it is for everybody`,
    columns: [...new Set(shown.map(({ column }) => `${relation.name}.${column}`))],
  };
}
