/** The difference of two catalogs, as lines that a test can state. */

import type { Ground } from '../../fixtures/model/mutant.ts';
import { bodyOf } from './mutate-bodies.ts';

type Fields = { readonly [name: string]: unknown };

/**
 * One line for everything that differs, in the catalog's order: `<path> → <after>`, `- <path>` for what is gone, `+ <path>` for
 * what is new, with its fields that say something; of a body its lines. Oids are no difference, nor is how a body is laid out.
 */
export function difference(before: Ground, after: Ground): readonly string[] {
  return [...compared('', comparable(before), comparable(after))];
}

/** The catalog, each routine with its body as trees and with the head of its CREATE FUNCTION, which says more than the catalog. */
function comparable({ catalog, definitions }: Ground): Fields {
  // Roles are the server's: other tests make some meanwhile, and no mutant may change one.
  const { roles: _, ...own } = catalog;
  const routines = catalog.routines.map((routine) => {
    const definition = definitions.get(routine.name);
    if (definition === undefined) return routine;
    const { head, body } = bodyOf(routine, definition);
    return { ...routine, head, body };
  });
  const relations = catalog.relations.map((one) => ({ ...one, definition: unprefixed(one.definition ?? '') }));
  return { ...own, relations, routines };
}

/** In a query of one table PostgreSQL 15 says `notes.id` where later ones say `id`. */
function unprefixed(definition: string): string {
  const [table, ...more] = [...definition.matchAll(/\b(?:FROM|JOIN) (?:\w+\.)?(\w+)/g)].map(([, name]) => name);
  return table === undefined || more.length > 0 ? definition : definition.replaceAll(`${table}.`, '');
}

function* compared(path: string, before: unknown, after: unknown): Iterable<string> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  const [was, is] = [partsOf(before), partsOf(after)];
  if (was === null || is === null) yield `${path} → ${said(after)}`;
  else if ('lines' in was && 'lines' in is) yield* ofBodies(path, was, is);
  else {
    for (const name of Object.keys({ ...was, ...is })) {
      const place = path === '' ? name : `${path}/${name}`;
      if (name === 'oid') continue;
      if (!(name in is)) yield `- ${place}`;
      else if (!(name in was)) yield `+ ${place}${telling(is[name])}`;
      else yield* compared(place, was[name], is[name]);
    }
  }
}

function* ofBodies(path: string, before: Fields, after: Fields): Iterable<string> {
  if (before['tree'] === after['tree']) return;
  const [was, is] = [linesOf(before), linesOf(after)];
  const [gone, added] = [without(was, is), without(is, was)];
  for (const line of gone) yield `${path} - ${line}`;
  for (const line of added) yield `${path} + ${line}`;
  if (gone.length + added.length === 0) yield `${path}: another parse tree, or another order`;
}

/** Lines of the one that the other has fewer of. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return lines.filter((line) => {
    const at = left.indexOf(line);
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
}

function linesOf(body: Fields): readonly string[] {
  return Array.isArray(body['lines']) ? body['lines'].map(String) : [];
}

/** What is compared by name: an object's fields, or a list's objects; null for a value, and for a list of values. */
function partsOf(value: unknown): Fields | null {
  if (!Array.isArray(value)) return isFields(value) ? value : null;
  if (!value.every(isFields)) return null;
  const parts: { [name: string]: unknown } = {};
  for (const item of value) {
    const label = labelOf(item);
    parts[label in parts ? `${label} (again)` : label] = item;
  }
  return parts;
}

/** By what a part is known in its list. */
function labelOf(item: Fields): string {
  if ('privilege' in item) {
    const columns = Array.isArray(item['columns']) ? ` (${item['columns'].join(', ')})` : '';
    return `${item['grantee']} ${item['privilege']}${columns}`;
  }
  if ('objectType' in item) return `${item['grantor']} ${item['schema'] ?? 'everywhere'} ${item['objectType']}`;
  const within = 'timing' in item ? item['relation'] : 'relname' in item || 'proname' in item ? null : item['schema'];
  return within ? `${within}.${item['name']}` : String(item['name']);
}

const NAMES = new Set(['oid', 'name', 'schema', 'relname', 'proname', 'grantee', 'privilege']);

function telling(value: unknown): string {
  if (!isFields(value)) return ` ${said(value)}`;
  const kept = Object.entries(value).filter(
    ([name, field]) => !NAMES.has(name) && field !== null && field !== false && field !== '' && said(field) !== '[]',
  );
  return kept.length === 0 ? '' : ` ${said(Object.fromEntries(kept))}`;
}

function said(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
