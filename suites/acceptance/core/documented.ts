/** Holds the replies that the registry and the comments document against those that the bodies can give. */

import type { Facts, Registry } from './registry.ts';
import type { Pair } from './replies.ts';

/** What each RPC documents: its own replies and the refusals of its families. */
export function documentedReplies({ rpcs, families }: Registry): ReadonlyMap<string, ReadonlySet<Pair>> {
  return new Map(
    rpcs.map(({ name, done, refused, families: shared }) => {
      const all = [...refused, ...shared.flatMap((family) => families[family]?.refused ?? [])];
      return [
        name,
        new Set<Pair>([...done.map((code): Pair => `done ${code}`), ...all.map((code): Pair => `refused ${code}`)]),
      ];
    }),
  );
}

const NONE: ReadonlySet<Pair> = new Set();

export function replyDisagreements(registry: Registry, facts: Facts): readonly string[] {
  const given = facts.replies;
  const documented = documentedReplies(registry);
  return [
    ...registry.rpcs.flatMap(({ name, families, unreachable = {} }) => {
      const [found, said] = [given.get(`public.${name}`) ?? NONE, documented.get(name) ?? NONE];
      return [
        ...families
          .filter((one) => !(one in registry.families))
          .map((one) => `replies: ${name} is of no family ${one}`),
        ...[...found]
          .filter((pair) => !said.has(pair) && !(pair in unreachable))
          .map((pair) => `replies: ${name} does not document ${pair}`),
        ...[...said]
          .filter((pair) => !found.has(pair))
          .map((pair) => `replies: ${name} documents ${pair} and never gives it`),
        ...Object.keys(unreachable).flatMap((pair) =>
          found.has(pair as Pair) && !said.has(pair as Pair) ? [] : [`replies: ${name} excuses ${pair} for nothing`],
        ),
      ];
    }),
    ...Object.entries(registry.families).flatMap(([family, { given_by: giver, refused }]) =>
      giver === null ||
      same(
        refused.map((code) => `refused ${code}`),
        [...(given.get(giver) ?? [])],
      )
        ? []
        : [`replies: the family ${family} is not what ${giver} gives`],
    ),
    ...commentDisagreements(registry, facts),
  ];
}

/** A comment says the RPC's own replies, in the registry's order, and its families. */
function commentDisagreements({ rpcs }: Registry, facts: Facts): readonly string[] {
  const comments = new Map(facts.rpcs.map(({ name, comment }) => [name, comment]));
  return rpcs.flatMap(({ name, done, refused, families }) => {
    const end = ` Replies: ${done.join(', ')}; ${refused.join(', ')}. Families: ${families.join(', ')}.`;
    const said = comments.get(name);
    if (!said) return [`comments: ${name} has none`];
    return said.endsWith(end) && said.length > end.length
      ? []
      : [`comments: that of ${name} does not end with "${end.trim()}"`];
  });
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.toSorted().join() === b.toSorted().join();
}
