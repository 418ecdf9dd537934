/** The plans that the server makes for the statements inside functions. */

import { perform } from '../fixtures/act/act.ts';
import type { Observation, Probe } from '../fixtures/model/probe.ts';
import type { Session } from '../fixtures/wire/session.ts';

/** One statement's plan: everything that it scans, in the order of the plan. */
export interface Plan {
  readonly query: string;
  readonly scans: readonly ScanOfTable[];
}

/** `index` null: from end to end. An index of a partition has the name of the index that it is a part of. */
export interface ScanOfTable {
  readonly table: string;
  readonly index: string | null;
  /** Rows that were read and did not fit. */
  readonly discarded: number;
}

/** Whether the planner knows the parameters, or plans for any: PL/pgSQL goes from the one to the other with its sixth call. */
export type PlanCacheMode = 'force_custom_plan' | 'force_generic_plan';

const SETTINGS = {
  'auto_explain.log_min_duration': '0',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_format': 'json',
  'auto_explain.log_level': 'notice',
} as const;

/** Lets the set-up session tell the plan of whatever it runs. */
export async function explainAll(owner: Session): Promise<void> {
  const settings = Object.entries(SETTINGS).map(([name, value]) => `SET ${name} = ${value}`);
  await owner.script(["LOAD 'auto_explain'", ...settings].join('; '));
}

/** What one call answered and the plans of every statement that it came to, functions, triggers and foreign keys included. */
export interface Explanation {
  readonly observation: Observation;
  readonly plans: readonly Plan[];
}

/**
 * Calls, and undoes it.
 * @param first what the owner does in the same transaction, before the call
 */
export async function explain(owner: Session, probe: Probe, mode: PlanCacheMode, first = ''): Promise<Explanation> {
  const parents = await parentIndexes(owner);
  await owner.script(`BEGIN; SET LOCAL plan_cache_mode = ${mode}; ${first}`);
  const observation = await perform(owner, probe);
  await owner.script('ROLLBACK');
  const plans = observation.notices.flatMap(({ message }) => {
    const [, json] = /^duration: .*? plan:\n([\s\S]*)$/.exec(message) ?? [];
    return json === undefined ? [] : [planOf(JSON.parse(json) as Explained, parents)];
  });
  return { observation, plans };
}

interface Explained {
  readonly 'Query Text': string;
  readonly Plan: PlanNode;
}

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

function planOf(explained: Explained, parents: ReadonlyMap<string, string>): Plan {
  return { query: explained['Query Text'], scans: [...scansOf(explained.Plan, '', parents)] };
}

/** The table of a bitmap stands above the indexes that it is read by. */
function* scansOf(node: PlanNode, above: string, parents: ReadonlyMap<string, string>): Iterable<ScanOfTable> {
  const table = node['Relation Name'] ?? above;
  const index = node['Index Name'];
  const discarded = node['Rows Removed by Filter'] ?? 0;
  if (index !== undefined) yield { table, index: parents.get(index) ?? index, discarded };
  if (node['Node Type'] === 'Seq Scan') yield { table, index: null, discarded };
  for (const child of node.Plans ?? []) yield* scansOf(child, table, parents);
}

async function parentIndexes(owner: Session): Promise<ReadonlyMap<string, string>> {
  const { rows } = await owner.query(
    `SELECT part.relname AS part, parent.relname AS parent
     FROM pg_inherits AS link
     JOIN pg_class AS part ON part.oid = link.inhrelid AND part.relkind = 'i'
     JOIN pg_class AS parent ON parent.oid = link.inhparent`,
  );
  return new Map(rows.map(({ part, parent }) => [String(part), String(parent)]));
}
