/** How fast-check makes a failing schedule shorter: pieces are left out, the large ones and the last ones first. */

import fc from 'fast-check';
import type { Step, Strike } from './schedule.ts';

/** Each try costs connections and waits: fast-check's own way with arrays takes many more. */
export function shrinkable<Drawn>(drawn: fc.Arbitrary<readonly Step<Drawn>[]>): fc.Arbitrary<readonly Step<Drawn>[]> {
  return new Shortened(drawn);
}

/** The context of a value is the size of the pieces that are left out of it next. */
class Shortened<Drawn> extends fc.Arbitrary<readonly Step<Drawn>[]> {
  readonly #drawn: fc.Arbitrary<readonly Step<Drawn>[]>;

  constructor(drawn: fc.Arbitrary<readonly Step<Drawn>[]>) {
    super();
    this.#drawn = drawn;
  }

  override generate(random: fc.Random, bias: number | undefined): fc.Value<readonly Step<Drawn>[]> {
    return new fc.Value(this.#drawn.generate(random, bias).value_, undefined);
  }

  override canShrinkWithoutContext(value: unknown): value is readonly Step<Drawn>[] {
    return Array.isArray(value);
  }

  override shrink(value: readonly Step<Drawn>[], context: unknown): fc.Stream<fc.Value<readonly Step<Drawn>[]>> {
    const size = typeof context === 'number' ? context : Math.ceil(value.length / 2);
    return fc.stream(shorter(value, size)).map(([steps, next]) => new fc.Value(steps, next));
  }
}

function* shorter<Drawn>(
  steps: readonly Step<Drawn>[],
  from: number,
): Generator<readonly [readonly Step<Drawn>[], number]> {
  for (let size = from; size >= 1 && steps.length > 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let end = steps.length; end > 0; end -= size) {
      const left = steps.toSpliced(Math.max(0, end - size), Math.min(size, end));
      if (left.length > 0) yield [left, size];
    }
  }
  for (const [at, step] of steps.entries()) {
    for (const plain of plainer(step)) yield [steps.with(at, plain), 0];
  }
}

/** Two at once become one of them, and a call goes without its strike. */
function plainer<Drawn>(step: Step<Drawn>): readonly Step<Drawn>[] {
  if (step.do === 'both') {
    const { one, two } = step;
    const alone = [one, two].map((call) => ({ do: 'call' as const, ...call }));
    const isStruck = one.strike !== null || two.strike !== null;
    return isStruck ? [...alone, { ...step, one: unstruck(one), two: unstruck(two) }] : alone;
  }
  return (step.do === 'call' || step.do === 'retry') && step.strike !== null ? [unstruck(step)] : [];
}

function unstruck<Struck extends { readonly strike: Strike | null }>(call: Struck): Struck {
  return { ...call, strike: null };
}
