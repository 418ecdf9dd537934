/** Proxies, toxics and refusals as the text of an answer. */

import type { ApiError } from './errors.ts';
import type { Toxic } from './kinds.ts';
import type { FaultProxy } from './proxy.ts';

export const toxicText = (toxic: Toxic): string => JSON.stringify(shownToxic(toxic));

export const toxicsText = (toxics: readonly Toxic[]): string => JSON.stringify(toxics.map(shownToxic));

export function proxyText({ name, settings, toxics }: FaultProxy): string {
  const { listen, upstream, enabled } = settings;
  return JSON.stringify({ name, listen, upstream, enabled, toxics: toxics.all.map(shownToxic) });
}

/** By name, in the order of the names: an object of JavaScript would put the ones that look like numbers first. */
export function proxiesText(proxies: readonly FaultProxy[]): string {
  const byName = proxies.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return `{${byName.map((proxy) => `${JSON.stringify(proxy.name)}:${proxyText(proxy)}`).join(',')}}`;
}

/** No proxies at all are said as null. */
export function populatedText(proxies: readonly FaultProxy[], error: ApiError | null): string {
  const refusal = error ? `"error":${JSON.stringify(error.message)},"status":${error.status},` : '';
  return `{${refusal}"proxies":${proxies.length === 0 ? 'null' : `[${proxies.map(proxyText).join(',')}]`}}`;
}

export function refusalText({ message, status }: ApiError): string {
  return `${JSON.stringify({ error: message, status })}\n`;
}

function shownToxic({ attributes, name, type, stream, toxicity }: Toxic) {
  return { attributes, name, type, stream, toxicity: shortest(toxicity) };
}

/** The shortest spelling that is the same number of 32 bits. */
function shortest(value: number): number {
  for (let digits = 1; digits < 9; digits += 1) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return short;
  }
  return Number(value.toPrecision(9));
}
