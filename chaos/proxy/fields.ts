/** Reads the fields of a request's body: names in any case, unknown ones ignored, null and absent keep what was there. */

import { badRequest } from './errors.ts';
import { firstValue, type Json, type Members, type Numeral } from './json.ts';

/** @throws ApiError where it is no JSON. */
export function readBody(body: string): Json {
  try {
    return firstValue(body);
  } catch (error) {
    if (error instanceof SyntaxError) throw badRequest(error.message);
    throw error;
  }
}

/** @throws ApiError where it is neither an object nor null. */
export function readMembers(value: Json, what: string): Members {
  if (value === null) return { members: [] };
  if (typeof value !== 'object' || !('members' in value)) throw wrongType(what, 'an object');
  return value;
}

/** @throws ApiError where it is neither an array nor null. */
export function readList(value: Json, what: string): readonly Json[] {
  if (value === null) return [];
  if (!Array.isArray(value)) throw wrongType(what, 'an array');
  return value;
}

export function readText(from: Members, name: string, otherwise: string): string {
  const value = field(from, name);
  if (value === null) return otherwise;
  if (typeof value !== 'string') throw wrongType(name, 'a text');
  return value;
}

export function readSwitch(from: Members, name: string, otherwise: boolean): boolean {
  const value = field(from, name);
  if (value === null) return otherwise;
  if (typeof value !== 'boolean') throw wrongType(name, 'true or false');
  return value;
}

/** A whole number of 64 bits, written without a point or an exponent. */
export function readInteger(from: Members, name: string, otherwise: number): number {
  const value = field(from, name);
  if (value === null) return otherwise;
  if (!isNumeral(value) || !/^-?\d+$/.test(value.numeral)) throw wrongType(name, 'an integer');
  const exact = BigInt(value.numeral);
  if (BigInt.asIntN(64, exact) !== exact) throw wrongType(name, 'an integer of 64 bits');
  return Number(exact);
}

/** A number of 32 bits with a point. */
export function readFraction(from: Members, name: string, otherwise: number): number {
  const value = field(from, name);
  if (value === null) return otherwise;
  if (!isNumeral(value)) throw wrongType(name, 'a number');
  const rounded = Math.fround(Number(value.numeral));
  if (!Number.isFinite(rounded)) throw wrongType(name, 'a number of 32 bits');
  return rounded;
}

/** The last member of that name; null where it is absent or null. */
export function field({ members }: Members, name: string): Json {
  const found = members.findLast(([key, value]) => value !== null && key.toLowerCase() === name);
  return found?.[1] ?? null;
}

function isNumeral(value: Json): value is Numeral {
  return typeof value === 'object' && value !== null && 'numeral' in value;
}

function wrongType(name: string, wanted: string) {
  return badRequest(`${name} is not ${wanted}`);
}
