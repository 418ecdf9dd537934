/** The kinds of toxics by their names, and what a toxic of a proxy is. */

import { badRequest } from './errors.ts';
import type { Stage } from './stage.ts';
import { bandwidth } from './toxics/bandwidth.ts';
import { latency } from './toxics/latency.ts';
import { limitData } from './toxics/limit-data.ts';
import { noop } from './toxics/noop.ts';
import { resetPeer } from './toxics/reset-peer.ts';
import { slicer } from './toxics/slicer.ts';
import { slowClose } from './toxics/slow-close.ts';
import { timeout } from './toxics/timeout.ts';

export type Stream = 'upstream' | 'downstream';

/** By name; what is absent is 0. */
export type Attributes = Readonly<Record<string, number>>;

export interface Kind {
  /** The names of its attributes, in the order of the answers. */
  readonly attributes: readonly string[];
  /** Chunks that may wait in front of it. */
  readonly capacity?: number;
  /** Its removal closes the connections that it stands in. */
  readonly closesWhenRemoved?: true;
  /** The sockets of a connection that begins while it is there close with RST. */
  readonly resets?: true;
  /** What an attribute must be at least, where less would break the original. */
  readonly least?: Attributes;
  /** Works on a stream until it ends or is interrupted. */
  pipe(stage: Stage, attributes: Attributes): Promise<void>;
}

export interface Toxic {
  readonly name: string;
  readonly type: string;
  /** As it was given: `UPSTREAM` stays so. */
  readonly stream: string;
  readonly direction: Stream;
  /** The share of connections that it strikes. */
  toxicity: number;
  attributes: Attributes;
}

const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ['noop', noop],
  ['latency', latency],
  ['bandwidth', bandwidth],
  ['slow_close', slowClose],
  ['timeout', timeout],
  ['reset_peer', resetPeer],
  ['slicer', slicer],
  ['limit_data', limitData],
]);

export function findKind(type: string): Kind | undefined {
  return kinds.get(type);
}

/** The kind of a toxic that was accepted. */
export function kindOf({ type }: Toxic): Kind {
  const kind = kinds.get(type);
  if (!kind) throw new Error(`a toxic of unknown type ${type} was accepted`);
  return kind;
}

/** The original dies of these as soon as data comes. @throws ApiError */
export function refuseDeadly(kind: Kind, name: string, value: number): void {
  const least = kind.least?.[name];
  if (least !== undefined && value < least) throw badRequest(`${name} must be at least ${least}`);
}
