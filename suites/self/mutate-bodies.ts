/** Bodies of routines as they are compared: by their parse trees, shown as the lines that the printer makes of them. */

import type { Routine } from '../../fixtures/model/catalog.ts';
import {
  parseBody,
  parseExpression,
  parseStatements,
  sayBodyTree,
  sayTree,
  type Tree,
} from '../../fixtures/sql/parse.ts';

export interface Body {
  readonly lines: readonly string[];
  /** As text, without places and line numbers; the body itself where nothing can parse it. */
  readonly tree: string;
}

/** @param definition pg_get_functiondef */
export function bodyOf(routine: Routine, definition: string): { readonly head: string; readonly body: Body } {
  const at = definition.lastIndexOf(routine.body);
  const head = at < 0 ? definition : definition.slice(0, at).trimEnd();
  return { head: head.replace(/\$\w*\$$/, '').replace(/\s+/g, ' '), body: parsed(routine, definition) };
}

function parsed({ language, body }: Routine, definition: string): Body {
  try {
    if (language === 'plpgsql') return ofPlpgsql(parseBody(definition));
    if (language === 'sql') return ofSql(body);
  } catch (error) {
    // Trees of composite types, and bodies that are not text, are not for this parser.
    if (!(error instanceof Error)) throw error;
  }
  return { lines: shown(body), tree: body };
}

function ofPlpgsql(tree: Tree): Body {
  return { lines: shown(sayBodyTree(tree)), tree: JSON.stringify(plain(tree)) };
}

function ofSql(body: string): Body {
  const statements = (parseStatements<Tree>(body).stmts ?? []).flatMap(({ stmt }) => (stmt ? [stmt] : []));
  return { lines: statements.flatMap((stmt) => shown(sayTree(stmt))), tree: JSON.stringify(plain(statements)) };
}

function shown(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('--'));
}

/** What only tells where something stood. */
const PLACES = new Set([
  'lineno',
  'location',
  'stmt_location',
  'stmt_len',
  'list_start',
  'list_end',
  'rexpr_list_start',
  'rexpr_list_end',
]);

/** A tree without what tells only where something stood; the SQL in it is parsed too. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !PLACES.has(name));
  return Object.fromEntries(
    kept.map(([name, field]) => [name, name === 'query' && typeof field === 'string' ? embedded(field) : plain(field)]),
  );
}

/** SQL in PL/pgSQL is a statement, an expression, or an assignment. */
function embedded(query: string): unknown {
  const [, target, value] = /^([^=]*?):?=(.*)$/s.exec(query) ?? [];
  const readings = [
    () => parseStatements(query).stmts,
    () => parseExpression(query),
    () => [target?.trim(), parseExpression(value ?? '')],
  ];
  for (const reading of readings) {
    try {
      return plain(reading());
    } catch (error) {
      if (!(error instanceof Error)) throw error;
    }
  }
  return query.replace(/\s+/g, ' ').trim();
}
