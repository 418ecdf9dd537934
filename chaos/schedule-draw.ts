/** Schedules as they are drawn: calls above all, and what befalls them. */

import fc from 'fast-check';
import type { Fault, Wire } from './faults/fault.ts';
import type { ServerFault } from './faults/field.ts';
import { networkFaults } from './faults/network.ts';
import { serverFaults } from './faults/server.ts';
import { toxicFault } from './faults/toxic.ts';
import { type Call, points, type Step, type Strike } from './schedule.ts';
import { shrinkable } from './schedule-shorter.ts';

/** A latency that a client outwaits, so that what is late does come. */
const late = (['upstream', 'downstream'] as const).map((stream) =>
  toxicFault({ type: 'latency', stream, attributes: { latency: 30, jitter: 10 }, says: 'everything comes late' }),
);

/** Every fault of the network; the late ones less late than the client is patient. */
const scheduleFaults: readonly Fault<Wire>[] = [
  ...networkFaults.filter(({ id }) => !late.some((other) => other.id === id)),
  ...late,
];

/** Every fault of the server that the client alone feels. */
const heldFaults: readonly ServerFault[] = serverFaults.filter(({ strikes }) => strikes === 'client');

const held = fc.constantFrom(...heldFaults);
const fault = fc.constantFrom(...scheduleFaults);
const client = fc.nat({ max: 3 });
const line = fc.nat({ max: 1 });

const strike: fc.Arbitrary<Strike> = fc.record({
  at: fc.constantFrom(...points, 'commit' as const),
  blow: fc.oneof(
    { weight: 12, arbitrary: fc.record({ fault }) },
    { weight: 1, arbitrary: fc.record({ held }) },
    { weight: 3, arbitrary: fc.record({ backend: fc.constantFrom('terminated' as const, 'cancelled' as const) }) },
  ),
  stays: fc.constantFrom(true, false, false),
});
const manner = {
  client,
  trips: fc.constantFrom('one' as const, 'many' as const),
  strike: fc.option(strike, { nil: null, freq: 2 }),
};

/** @param command as the system's model draws them */
export function steps<Drawn>(command: fc.Arbitrary<Drawn>, length: number): fc.Arbitrary<readonly Step<Drawn>[]> {
  const call: fc.Arbitrary<Call<Drawn>> = fc.record({ ...manner, command });
  const step = fc.oneof<fc.WeightedArbitrary<Step<Drawn>>[]>(
    { weight: 24, arbitrary: call.map((one) => ({ do: 'call', ...one })) },
    { weight: 6, arbitrary: fc.record({ do: fc.constant('both'), one: call, two: call, twin: fc.boolean() }) },
    { weight: 8, arbitrary: fc.record({ do: fc.constant('retry'), owed: fc.nat({ max: 3 }), ...manner }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant('strike'), line, fault }) },
    { weight: 5, arbitrary: fc.record({ do: fc.constant('heal'), line }) },
    { weight: 2, arbitrary: fc.constant({ do: 'look' as const }) },
  );
  return shrinkable(fc.array(step, { minLength: 1, maxLength: length, size: 'max' }));
}
