/** A toxic on one stream as a fault. */

import type { ToxicDirection, ToxicType } from 'toxiproxy-node-client';
import { CannotRun } from '../../fixtures/model/errors.ts';
import { disable } from './down.ts';
import type { Fault, Healing, Wire } from './fault.ts';

export interface Toxin {
  readonly type: Exclude<ToxicType, 'down'>;
  readonly stream: ToxicDirection;
  /** Rounded: the server takes integers alone. */
  readonly attributes: Readonly<Record<string, number>>;
  readonly says: string;
}

/** Less than this ends the official server as soon as data comes. */
const least: Readonly<Record<string, number>> = { rate: 0, average_size: 1 };

/** @throws CannotRun for attributes that would end the official server */
export function toxicFault({ type, stream, attributes, says }: Toxin): Fault<Wire> {
  const name = `${type}_${stream}`;
  const body = { name, type, stream, attributes: integers(type, attributes) };
  const add = async ({ proxy }: Wire, toxicity: number): Promise<Healing> => {
    const toxic = await proxy.addToxic({ ...body, toxicity });
    return async () => {
      // Taken away first, a latency would let go the COMMIT that it holds.
      const enable = await disable({ proxy });
      await toxic.remove();
      await enable();
    };
  };
  const fault = { id: `${type}:${stream}`, says: `${stream}: ${says}` };
  if (type !== 'reset_peer') return { ...fault, apply: (wire) => add(wire, 1) };
  return { ...fault, arm: (wire) => add(wire, 0), apply: (wire) => strike(wire, body, add) };
}

/** Only connections that were opened beside it are reset: where it was armed it is there already, and sharpened. */
async function strike(
  { proxy }: Wire,
  body: Omit<Toxin, 'says'> & { readonly name: string },
  add: (wire: Wire, toxicity: number) => Promise<Healing>,
): Promise<Healing> {
  const armed = await proxy.getToxic(body.name).catch(() => null);
  if (armed === null) return await add({ proxy }, 1);
  await armed.update({ ...body, toxicity: 1 });
  return async () => {
    await armed.update({ ...body, toxicity: 0 });
  };
}

function integers(type: string, attributes: Toxin['attributes']): Toxin['attributes'] {
  const rounded = Object.entries({ ...(type === 'slicer' ? { average_size: 0 } : {}), ...attributes }).map(
    ([name, value]) => [name, Math.round(value)] as const,
  );
  const deadly = rounded.find(([name, value]) => value < (least[name] ?? Number.NEGATIVE_INFINITY));
  if (deadly)
    throw new CannotRun(
      `${type} with ${deadly[0]} ${deadly[1]} would end the fault proxy.`,
      `Give it at least ${least[deadly[0]]}.`,
    );
  return Object.fromEntries(rounded);
}
