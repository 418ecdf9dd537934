/** The client's clock is off: the timestamps that it sends are shifted. */

import { saysClock } from '../../fixtures/engine/clock-names.ts';
import type { Argument, Catalog, Routine } from '../../fixtures/model/catalog.ts';
import type { Probe } from '../../fixtures/model/probe.ts';
import { parseExpression, parseStatements, sayLine, type Tree } from '../../fixtures/sql/parse.ts';
import type { Moment } from '../model.ts';

/** A fault of the client: nothing is struck, it says something else. */
export interface ClientFault {
  readonly id: string;
  readonly says: string;
  readonly never: Readonly<Partial<Record<Moment, string>>>;
  /** What the client then says; a sentence where its call gives the fault no hold. */
  changed(probe: Probe, catalog: Catalog): Probe | string;
}

const told = 'the client reads its clock when it makes the call';
const never = { connecting: told, 'start-up': told, between: told, commit: told };

/** An hour: what a wrong time zone makes. */
export const clientFaults: readonly ClientFault[] = [
  { id: 'clock-ahead', says: "the client's clock is an hour ahead", never, changed: shifted('1 hour') },
  { id: 'clock-behind', says: "the client's clock is an hour behind", never, changed: shifted('-1 hour') },
];

function shifted(offset: string): ClientFault['changed'] {
  return (probe, catalog) => {
    const [only] = parseStatements<Tree>(probe.sql).stmts ?? [];
    const stamps = { offset, catalog, shifted: 0 };
    const stmt = shiftedIn(only?.stmt, stamps);
    if (stamps.shifted === 0) return 'the call takes no timestamp of the client';
    return { ...probe, sql: sayLine(stmt as Tree) };
  };
}

interface Stamps {
  readonly offset: string;
  readonly catalog: Catalog;
  shifted: number;
}

function shiftedIn(node: unknown, stamps: Stamps): unknown {
  if (Array.isArray(node)) return node.map((one) => shiftedIn(one, stamps));
  if (!(node instanceof Object)) return node;
  const entries = Object.entries(node).map(([tag, below]) => [tag, shiftedIn(below, stamps)] as const);
  const tree: Tree = Object.fromEntries(entries);
  return 'FuncCall' in tree ? { FuncCall: shiftedCall(tree['FuncCall'] as FuncCall, stamps) } : tree;
}

interface FuncCall {
  readonly funcname: readonly { readonly String: { readonly sval: string } }[];
  readonly args?: readonly Tree[];
}

function shiftedCall(call: FuncCall, stamps: Stamps): FuncCall {
  const name = call.funcname.map(({ String: part }) => part.sval);
  const routine = stamps.catalog.routines.find((one) => isCalled(one, name));
  if (routine === undefined || call.args === undefined) return call;
  const args = call.args.map((arg, at) => {
    const named = arg['NamedArgExpr'] as { readonly name: string; readonly arg: Tree } | undefined;
    const argument = routine.arguments.find((one, index) => (named ? one.name === named.name : index === at));
    if (argument === undefined || !isStamp(argument)) return arg;
    stamps.shifted += 1;
    const value = parseExpression(`(${sayLine(named?.arg ?? arg)})::${argument.type} + interval '${stamps.offset}'`);
    return named ? { NamedArgExpr: { ...named, arg: value } } : value;
  });
  return { ...call, args };
}

function isCalled({ schema, proname }: Routine, name: readonly string[]): boolean {
  return proname === name.at(-1) && (name.length === 1 || schema === name.at(-2));
}

function isStamp({ name, baseType }: Argument): boolean {
  return (baseType === 'timestamptz' || baseType === 'timestamp') && saysClock(name);
}
