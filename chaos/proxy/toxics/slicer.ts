/** Halves each chunk until its pieces are small, and waits after each of them. */

import type { Attributes, Kind } from '../kinds.ts';

export const slicer: Kind = {
  attributes: ['average_size', 'size_variation', 'delay'],
  least: { average_size: 1 },
  async pipe(stage, attributes) {
    // Timers have whole milliseconds: shorter waits are saved up, and what one was late is taken off the next.
    let owed = 0;
    for (;;) {
      const chunk = await stage.take();
      if (chunk === 'interrupted') return;
      if (chunk === 'end') return stage.finish();
      for (const [from, to] of pieces(0, chunk.data.length, attributes)) {
        const passed = await stage.put({ ...chunk, data: chunk.data.subarray(from, to) });
        owed += (attributes['delay'] ?? 0) / 1000;
        const began = performance.now();
        if (!passed || (owed >= 1 && !(await stage.pause(owed)))) {
          return stage.release({ ...chunk, data: chunk.data.subarray(to) });
        }
        if (owed >= 1) owed = Math.max(-1, owed - (performance.now() - began));
      }
    }
  },
};

/** From where to where: halves of halves, each cut moved at random by up to the variation. */
function pieces(from: number, to: number, attributes: Attributes): readonly (readonly [number, number])[] {
  const { average_size: average = 0, size_variation: variation = 0 } = attributes;
  if (average <= 0) return [[from, to]];
  const length = to - from;
  if (length - average <= variation || length <= 1) return [[from, to]];
  const moved = variation > 0 ? Math.floor(Math.random() * variation * 2) - variation : 0;
  // A variation as large as the piece would cut outside of it.
  const middle = Math.min(to - 1, Math.max(from + 1, from + Math.floor(length / 2) + moved));
  return [...pieces(from, middle, attributes), ...pieces(middle, to, attributes)];
}
