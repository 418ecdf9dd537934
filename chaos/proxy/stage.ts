/** One toxic at work in one link: a loop that takes chunks, may be interrupted while it waits, and is then started anew. */

import type { Channel, Chunk } from './channel.ts';
import { kindOf, type Toxic } from './kinds.ts';
import { noop } from './toxics/noop.ts';

/** Timers of Node cannot run longer. */
const longestTimer = 2 ** 31 - 1;

export class Stage {
  readonly input: Channel;
  output: Channel;
  /** null: a link's first stage, or one whose toxic is gone. */
  toxic: Toxic | null;
  /** What leaves before anything else at the next start. */
  held: Chunk[] = [];
  /** Bytes that a limit has let through; an update keeps it. */
  passed = 0;
  #interrupted = false;
  #finished = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(input: Channel, output: Channel, toxic: Toxic | null) {
    this.input = input;
    this.output = output;
    this.toxic = toxic;
  }

  /** Draws whether the toxic spares this link, and goes to work. */
  start(): void {
    if (this.#finished) return;
    this.#interrupted = false;
    this.#running = this.#run();
  }

  /** Resolves when the loop stands still: true, or false where the stage is at its end. A waiting reset is waited for. */
  async interrupt(): Promise<boolean> {
    this.#interrupted = true;
    this.#wake();
    await this.#running;
    return !this.#finished;
  }

  /** Closes the stream behind this stage. What comes later is never taken. */
  finish(): void {
    this.#finished = true;
    this.output.end();
  }

  /** Ends the loop, whatever it waits for. */
  kill(): void {
    this.#finished = true;
    this.#interrupted = true;
    this.#wake();
  }

  /** The next chunk or the end of the stream. */
  async take(): Promise<Chunk | 'end' | 'interrupted'> {
    for (;;) {
      if (this.#interrupted) return 'interrupted';
      const next = this.input.take();
      if (next !== undefined) return next;
      await this.#until((wake) => {
        this.input.onArrival = wake;
      });
    }
  }

  /** The same, and `late` when nothing came for so many milliseconds. */
  async takeWithin(milliseconds: number): Promise<Chunk | 'end' | 'interrupted' | 'late'> {
    let next: Chunk | 'end' | undefined;
    await this.#wait(milliseconds, () => {
      next ??= this.#interrupted ? undefined : this.input.take();
      return this.#interrupted || next !== undefined;
    });
    if (next !== undefined) return next;
    return this.#interrupted ? 'interrupted' : 'late';
  }

  /** Hands a chunk on; false: interrupted before anybody took it, and it is held. */
  async put(chunk: Chunk): Promise<boolean> {
    this.output.push(chunk);
    while (this.output.isFull) {
      if (this.#interrupted) {
        const back = this.output.retract();
        if (back) this.held.unshift(back);
        return false;
      }
      await this.#until((wake) => {
        this.output.onRoom = wake;
      });
    }
    return true;
  }

  /** Lets a chunk leave as soon as the stage is started again, or at once where it is removed. */
  release(chunk: Chunk): void {
    this.held.push(chunk);
  }

  /** Waits so many milliseconds, never less; false: interrupted before. */
  async pause(milliseconds: number): Promise<boolean> {
    await this.#wait(milliseconds, () => this.#interrupted);
    return !this.#interrupted;
  }

  /** The same, deaf to interruptions. */
  async sleep(milliseconds: number): Promise<void> {
    await this.#wait(milliseconds, () => this.#finished);
  }

  async #run(): Promise<void> {
    const { toxic } = this;
    const spared = toxic === null || Math.random() >= toxic.toxicity;
    const attributes = toxic?.attributes ?? {};
    const kind = spared ? noop : kindOf(toxic);
    for (let chunk = this.held.shift(); chunk !== undefined; chunk = this.held.shift()) {
      if (!(await this.put(chunk))) return;
    }
    await kind.pipe(this, attributes);
  }

  async #wait(milliseconds: number, isOver: () => boolean): Promise<void> {
    const due = performance.now() + milliseconds;
    for (let left = milliseconds; left > 0 && !isOver(); left = due - performance.now()) {
      let timer: NodeJS.Timeout | undefined;
      await this.#until((wake) => {
        this.input.onArrival = wake;
        timer = setTimeout(wake, Math.min(Math.ceil(left), longestTimer));
      });
      clearTimeout(timer);
    }
  }

  /** Waits for what wakes it: `arm` gets the bell, an interruption rings it too. */
  #until(arm: (wake: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      arm(resolve);
    });
  }
}
