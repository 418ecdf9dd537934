/** Holds the guards that the registry names against triggers and marks of the SQL, and each against the test that watches it. */

import { differs, type Facts, type Papers } from './registry.ts';
import type { Pair } from './replies.ts';
import { triggers } from './triggers.ts';

export function watcherDisagreements(
  { registry: { guards, conditions } }: Papers,
  facts: Facts,
  documented: ReadonlyMap<string, ReadonlySet<Pair>>,
): readonly string[] {
  const named = guards.flatMap(({ function: by, triggers: of }) =>
    Object.keys(of).map((trigger) => `${trigger} by ${by}`),
  );
  const watched = [
    ...guards.flatMap((guard) =>
      Object.entries(guard.triggers).map(([trigger, test]) => ({ guard: triggerGuard(trigger), test })),
    ),
    ...conditions.map(({ id, function: of, test }) => ({ guard: `function ${of}: guard ${id}`, test })),
  ];
  return [
    ...differs(
      'triggers',
      named,
      facts.triggers.map(({ table, name, function: by }) => `${table} ${name} by ${by}`),
    ),
    ...differs(
      'conditions',
      conditions.map(({ id, function: of }) => `${id} ${bare(of)}`),
      marksIn(facts),
    ),
    ...watched.flatMap(({ guard, test }) =>
      watches(test, guard, facts, documented) ? [] : [`watchers: ${test} does not watch ${guard}`],
    ),
  ];
}

/** A T-id watches what guards.yaml says, `<rpc> refuses: <code>` what that refusal depends on, `trigger <name> …` that trigger. */
function watches(
  test: string,
  guard: string,
  { watched }: Facts,
  documented: ReadonlyMap<string, ReadonlySet<Pair>>,
): boolean {
  const list = watched[test];
  if (list) return list.guards.includes(guard);
  const [, rpc = '', code = ''] = /^(\w+) refuses: (\w+)$/.exec(test) ?? [];
  if (rpc !== '') return documented.get(rpc)?.has(`refused ${code}`) ?? false;
  return [...triggers.refusing, triggers.cleaning].some(
    ({ table, name }) => test === `trigger ${name}` && guard === triggerGuard(`${table} ${name}`),
  );
}

function triggerGuard(trigger: string): string {
  const [table, name] = trigger.split(' ');
  return `trigger public.${table} "${name}"`;
}

const bare = (signature: string) => signature.replace(/\(.*$/, '');

function marksIn({ definitions }: Facts): readonly string[] {
  return Object.entries(definitions).flatMap(([name, said]) =>
    [...said.matchAll(/^\s*-- guard: (\S+)$/gm)].map(([, id]) => `${id} ${name}`),
  );
}
