/** Every node of a parse tree is found, and a variant exchanges one of them and nothing else. */

import { expect, test } from 'vitest';
import { nodesIn, variants } from '../../fixtures/mutate/variants.ts';
import { parseBody, parseExpression, parseStatements, type Tree } from '../../fixtures/sql/parse.ts';

const trees: readonly (readonly [string, Tree])[] = [
  ['an expression', parseExpression("(a, b) = (1, 'x') AND c[2:3] IN (SELECT d FROM t WHERE NOT e IS NULL)")],
  ['cases and calls', parseExpression('CASE WHEN f(a => 1, VARIADIC b) THEN true ELSE ROW(1, 2) < ROW(c, d) END')],
  [
    'queries of queries',
    statement('WITH x AS (SELECT 1 UNION ALL VALUES (1, 2), (3, 4)) SELECT * FROM x JOIN y ON a = b'),
  ],
  [
    'a body',
    parseBody(
      "CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $$ BEGIN IF a THEN RAISE 'b'; END IF; RETURN 1; END $$",
    ),
  ],
];

function statement(sql: string): Tree {
  return parseStatements<Tree>(sql).stmts?.[0]?.stmt ?? {};
}

const EXCHANGED = { Exchanged: {} };

test.each(trees)('every node of %s is found, and exchanged alone', (_, tree) => {
  const found = [...nodesIn(tree)];
  const made = [...variants(tree, () => [EXCHANGED])];
  expect(found).toHaveLength(JSON.stringify(tree).match(/\{"[A-Z]\w*":\{/g)?.length ?? 0);
  expect(made).toHaveLength(found.length);
  for (const [at, variant] of made.entries()) expect(putBack(variant, found[at])).toEqual(tree);
});

/** The variant with `node` where something was exchanged. */
function putBack(value: unknown, node: unknown): unknown {
  if (value === EXCHANGED) return node;
  if (Array.isArray(value)) return value.map((item) => putBack(item, node));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, putBack(field, node)]));
}
