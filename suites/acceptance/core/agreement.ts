/** Holds the registry of the platform core against the SQL, the requirements, the guards and the tests. */

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { findGaps } from '../../self/requirement-ids.ts';
import { documentedReplies, replyDisagreements } from './documented.ts';
import { differs, type Facts, type Papers, type Registry, type Words } from './registry.ts';
import { threatDisagreements } from './threats.ts';
import { watcherDisagreements } from './watchers.ts';

/** One sentence a disagreement, naming what disagrees; none: everything is in sync. */
export function disagreements(papers: Papers, facts: Facts): readonly string[] {
  const { registry } = papers;
  return [
    ...differs('checksum', [registry.checksum.value], [checksumOf(registry)]),
    ...differs('enums', entriesOf(registry.enums), entriesOf(facts.enums)),
    ...differs(
      'settings',
      entriesOf({ ...registry.rate_limits_per_minute, ...registry.settings }),
      entriesOf(facts.settings),
    ),
    ...unusedConstants(registry, facts),
    ...differs('rpcs', registry.rpcs.map(callable), facts.rpcs.map(callable)),
    ...replyDisagreements(registry, facts),
    ...watcherDisagreements(papers, facts, documentedReplies(registry)),
    ...testDisagreements(papers, facts),
    ...threatDisagreements(registry, facts),
  ];
}

/** SHA-256 over the canonical JSON of all but the checksum itself. */
export function checksumOf({ checksum: _, ...signed }: Registry): string {
  return createHash('sha256')
    .update(String(canonicalize(signed)))
    .digest('hex');
}

const entriesOf = (words: Words) => Object.entries(words).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
const callable = ({ name, role, arguments: list }: Facts['rpcs'][number] | Registry['rpcs'][number]) =>
  `${name}(${list}) by ${role}`;

/** A comment may name a number; only code uses it. */
function unusedConstants({ constants }: Registry, { definitions }: Facts): readonly string[] {
  return Object.entries(constants).flatMap(([name, { value, used_in }]) =>
    Object.entries(used_in).flatMap(([place, times]) => {
      const code = (definitions[place] ?? '').replace(/--.*$/gm, '');
      const found = [...code.matchAll(new RegExp(`\\b${RegExp.escape(String(value))}(?:\\b|ms)`, 'g'))].length;
      return found === times ? [] : [`constants: ${place} says ${name}=${value} ${found} times, not ${times}`];
    }),
  );
}

/** Names of tests that run the tables of this folder, and by which the registry names their rows. */
const TITLES = [
  "'$rpc refuses: $code'",
  "'$rpc refuses: $refusal'",
  "'$rpc answers: $code'",
  "'$name is for $role alone'",
  "'%s is written by no client'",
  "'%s shows a stranger nothing'",
  "'trigger $name refuses what its rule forbids'",
];

/** Every id has its line, its guards and its test, and nothing else has. */
function testDisagreements({ registry, requirements, tests }: Papers, { requirements: lines, watched }: Facts) {
  const ids = Object.keys(registry.tests);
  const { untested, unwritten, repeated } = findGaps(requirements, tests);
  return [
    ...differs('requirements', ids, lines),
    ...differs('guards of the tests', ids, Object.keys(watched)),
    ...TITLES.filter((title) => !tests.some((text) => text.includes(title))).map(
      (title) => `suites: no test is called ${title}`,
    ),
    ...untested.map((id) => `suites: no test has the id ${id}`),
    ...unwritten.map((id) => `suites: a test has the id ${id}, which no requirement has`),
    ...repeated.map((id) => `requirements: ${id} stands twice`),
    ...ids.flatMap((id) => {
      const [guard, named] = [registry.tests[id]?.guard ?? '', watched[id]?.guards ?? []];
      return named.includes(guard) ? [] : [`guards of the tests: ${id} does not watch ${guard}`];
    }),
  ];
}
