/** One direction of one connection: a chain of stages between the reading of a socket and the writing of the other. */

import { Channel } from './channel.ts';
import { kindOf, type Stream, type Toxic } from './kinds.ts';
import { Stage } from './stage.ts';

export class Link {
  readonly direction: Stream;
  /** What was read goes in here. */
  readonly input = new Channel(0);
  /** What is to be written comes out here. */
  readonly output = new Channel(0);
  /** The first has no toxic: it is where the stream is stopped while the second one changes. */
  readonly #stages: Stage[];

  /** The stages stand, and begin to work at once. */
  constructor(direction: Stream, toxics: readonly Toxic[]) {
    this.direction = direction;
    const inputs = [this.input, ...toxics.map(inputOf)];
    this.#stages = inputs.map(
      (input, at) => new Stage(input, inputs[at + 1] ?? this.output, at === 0 ? null : (toxics[at - 1] ?? null)),
    );
    for (const stage of this.#stages) stage.start();
  }

  /** Appends a toxic. What the last stage held leaves without meeting it. */
  async add(toxic: Toxic): Promise<void> {
    const last = this.#stages.at(-1);
    if (!last || !(await last.interrupt())) return;
    const stage = new Stage(inputOf(toxic), last.output, toxic);
    stage.held = last.held;
    last.held = [];
    last.output = stage.input;
    this.#stages.push(stage);
    stage.start();
    last.start();
  }

  /** Starts a toxic's stage anew: its attributes and toxicity have changed. */
  async update(toxic: Toxic): Promise<void> {
    const stage = this.#stages.find((one) => one.toxic === toxic);
    if (stage && (await stage.interrupt())) stage.start();
  }

  /** Takes a toxic out. What it held leaves at once, in order. */
  async remove(toxic: Toxic): Promise<void> {
    const at = this.#stages.findIndex((one) => one.toxic === toxic);
    const stage = this.#stages[at];
    const before = this.#stages[at - 1];
    if (!stage || !before || !(await stage.interrupt())) return;
    if (kindOf(toxic).closesWhenRemoved) return stage.finish();
    if (!(await before.interrupt())) {
      // The stream before it has ended: what is left only passes.
      stage.toxic = null;
      return stage.start();
    }
    before.output = stage.output;
    before.held = [...stage.held, ...stage.input.empty(), ...before.held];
    this.#stages.splice(at, 1);
    before.start();
  }

  /** Ends every stage, whatever it waits for, and drops what they hold. */
  kill(): void {
    for (const stage of this.#stages) stage.kill();
  }
}

function inputOf(toxic: Toxic): Channel {
  return new Channel(kindOf(toxic).capacity ?? 0);
}
