/** Which replies each RPC of the platform core can give, read from the bodies of the routines and never from what is said of them. */

import { scanTokens } from '../../../fixtures/sql/parse.ts';

/** `done <code>` or `refused <code>`. */
export type Pair = `${'done' | 'refused'} ${string}`;

/** Definitions by `schema.name`, as `pg_get_functiondef` gives them. */
export type Definitions = Readonly<Record<string, string>>;

interface Body {
  readonly words: readonly string[];
  /** Inner routines that it calls. */
  readonly calls: readonly string[];
}

/**
 * Replies that a call of each routine can come to, through whatever it calls. Conditions are not weighed: what stands in a
 * branch that is never taken is in it.
 * @throws RangeError where a code is put together in a way that cannot be read
 */
export function repliesOf(definitions: Definitions): ReadonlyMap<string, ReadonlySet<Pair>> {
  const bodies = new Map(Object.entries(definitions).map(([name, text]) => [name, bodyOf(text)]));
  const own = new Map([...bodies].map(([name, body]) => [name, ownReplies(name, body, bodies)]));
  return new Map(
    [...bodies.keys()].map((name) => {
      const reached = [...reachedFrom(name, bodies)];
      return [name, new Set(reached.flatMap((one) => own.get(one) ?? []))];
    }),
  );
}

function bodyOf(text: string): Body {
  const [, body = ''] = /\$function\$([\s\S]*)\$function\$/.exec(text) ?? [];
  const words = scanTokens(body).flatMap(({ kind, text: word }) => (kind === 'comment' ? [] : [word]));
  const calls = words.flatMap((word, at) =>
    word === 'core' && words[at + 3] === '(' ? [`core.${words[at + 2]}`] : [],
  );
  return { words, calls };
}

function reachedFrom(name: string, bodies: ReadonlyMap<string, Body>): ReadonlySet<string> {
  const reached = new Set([name]);
  for (const one of reached) for (const called of bodies.get(one)?.calls ?? []) reached.add(called);
  return reached;
}

/** What `core.done(…)` and `core.refused(…)` are given in this very body. */
function ownReplies(name: string, { words }: Body, bodies: ReadonlyMap<string, Body>): readonly Pair[] {
  return words.flatMap((word, at) => {
    const kind = words[at + 2];
    if (word !== 'core' || words[at + 3] !== '(' || (kind !== 'done' && kind !== 'refused')) return [];
    const codes = codesOf(upTo(words, at + 4, [',', ')']), words, bodies);
    if (codes.length === 0) throw new RangeError(`${name} gives a code that cannot be read`);
    return codes.map((code): Pair => `${kind} ${code}`);
  });
}

/** Words up to the first of `ends` that stands outside of parentheses and CASE. */
function upTo(words: readonly string[], from: number, ends: readonly string[]): readonly string[] {
  let depth = 0;
  for (let at = from; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (depth === 0 && ends.includes(word)) return words.slice(from, at);
    if (word === '(' || word === 'CASE') depth += 1;
    if (word === ')' || word === 'END') depth -= 1;
  }
  return words.slice(from);
}

/** Codes that an expression comes to: a string, the arms of a CASE, what is assigned to a variable, what a routine returns. */
function codesOf(
  said: readonly string[],
  around: readonly string[],
  bodies: ReadonlyMap<string, Body>,
): readonly string[] {
  const [first = '', , third = ''] = said;
  if (first === 'CASE')
    return said.flatMap((word, at) => (word === 'THEN' || word === 'ELSE' ? textIn(said[at + 1]) : []));
  if (said.length === 1 && first.startsWith("'")) return textIn(first);
  if (said.length === 1)
    return around.flatMap((word, at) =>
      word === ':=' && (around[at - 1] === first || around[at - 2] === first)
        ? codesOf(upTo(around, at + 1, [';']), around, bodies)
        : [],
    );
  if (first !== 'core') return [];
  const { words = [] } = bodies.get(`core.${third}`) ?? {};
  return words.flatMap((word, at) => (word === 'RETURN' ? codesOf(upTo(words, at + 1, [';']), words, bodies) : []));
}

function textIn(word = ''): readonly string[] {
  return word.startsWith("'") ? [word.slice(1, -1)] : [];
}
